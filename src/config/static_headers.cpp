#include "config/static_headers.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "config/bounds.hpp"

namespace punctual::config {

namespace {

// They say where a message ends and belong to one connection; from a file they could only be wrong.
constexpr std::array<std::string_view, 14> framing = {"host",
                                                      "content-length",
                                                      "content-type",
                                                      "content-encoding",
                                                      "transfer-encoding",
                                                      "connection",
                                                      "te",
                                                      "keep-alive",
                                                      "upgrade",
                                                      "trailer",
                                                      "expect",
                                                      "accept-encoding",
                                                      "proxy-connection",
                                                      "proxy-authorization"};

bool is_token_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

bool is_value_byte(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
}

bool is_same(std::string_view left, std::string_view right) {
  return base::equals_ignoring_case(left, right);
}

// Values are not shown: one may be a credential.
std::optional<std::string> problem_of(const Header& header, const Provider& provider) {
  const auto is_it = [&](std::string_view name) { return is_same(name, header.name); };
  if (header.name.empty() || !std::ranges::all_of(header.name, is_token_byte)) {
    return "is not a header's name: write letters, digits and '-'";
  }
  if (std::ranges::any_of(framing, is_it)) return "is set by the gateway itself: remove it";
  const bool credential =
      is_it("authorization") || is_it("x-api-key") || (provider.auth == Auth::api_key && is_it("api-key"));
  if (!provider.api_key.empty() && credential) {
    return "is a second credential: give either it or an API key";
  }
  if (std::ranges::any_of(provider.headers, [&](const Header& other) { return is_it(other.name); })) {
    return "is there twice (case does not count): give it once";
  }
  if (header.name.size() + header.value.size() > header_bytes_max)
    return "is longer than 8192 bytes: shorten it";
  if (!std::ranges::all_of(header.value, is_value_byte)) {
    return "has a line break or another control character in its value: remove it";
  }
  return std::nullopt;
}

}  // namespace

void read_static_headers(TableReader& reader, Provider& provider) {
  TableReader table = reader.table("headers");
  const Table& members = table.take_all();
  if (members.size() > headers_max) {
    return reader.report("headers", "has " + std::to_string(members.size()) + " headers: give at most " +
                                        std::to_string(headers_max));
  }
  for (const Member& member : members) {
    const auto* value = std::get_if<std::string>(&member.value.data);
    if (!value) {
      table.report(member.key, "is " + std::string(kind_of(member.value)) + ": write text in quotes");
      continue;
    }
    Header header{member.key, std::string(base::trimmed(*value))};
    if (auto problem = problem_of(header, provider)) {
      table.report(member.key, std::move(*problem));
    } else {
      provider.headers.push_back(std::move(header));
    }
  }
}

}  // namespace punctual::config
