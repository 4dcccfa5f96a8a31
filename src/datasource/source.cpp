#include "datasource/source.hpp"

#include <algorithm>
#include <array>

namespace punctual::datasource {

namespace {

constexpr std::array<std::string_view, 2> kinds = {"sqlite", "postgresql"};
constexpr std::array<std::string_view, 3> modes = {"disable", "require", "verify-full"};
constexpr std::size_t name_bytes_max = 100;
constexpr std::size_t text_bytes_max = 1000;
constexpr std::size_t socket_bytes_max = 90;  // of a path of sockaddr_un, with the name of the server's file
constexpr std::size_t host_bytes_max = 253;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

bool is_plain(std::string_view text) {
  return std::ranges::none_of(text,
                              [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

// One host: libpq would take a list with commas, and an @ for an abstract socket.
bool is_host(std::string_view host) {
  if (host.starts_with('/')) return host.size() <= socket_bytes_max && is_plain(host) && !host.contains(',');
  // An IPv6 address has two colons at least; one would be a port's.
  const auto colons = std::ranges::count(host, ':');
  const bool begins = is_letter_or_digit(host.front()) || host.front() == ':';
  return begins && colons != 1 && host.size() <= host_bytes_max &&
         std::ranges::all_of(host, [](char c) { return is_letter_or_digit(c) || is_one_of(c, ".-_:"); });
}

template <std::size_t count>
std::optional<std::size_t> place_of(const std::array<std::string_view, count>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

void check_name(const std::string& name, std::vector<Problem>& problems) {
  const bool good =
      !name.empty() && name.size() <= name_bytes_max && name.front() != ' ' && name.back() != ' ' &&
      std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || is_one_of(c, " -_."); });
  if (!good)
    problems.push_back({"name", "cannot be a name: give 1 to 100 letters, digits, spaces, - _ or ."});
}

void check_server(const Source& source, std::vector<Problem>& problems) {
  if (source.host.empty()) {
    problems.push_back({"host", "is missing: give a name, an address, or the folder of the server's socket"});
  } else if (!is_host(source.host)) {
    problems.push_back(
        {"host", "is no host: give one name or address, without a port, or an absolute folder"});
  }
  if (source.port < 1 || source.port > 65535)
    problems.push_back({"port", "is " + std::to_string(source.port) + ": give 1 to 65535"});
  for (const auto& [field, value] :
       {std::pair("database", &source.database), std::pair("user", &source.user)}) {
    if (value->empty()) problems.push_back({field, "is missing: give its name"});
    if (value->size() > text_bytes_max || !is_plain(*value))
      problems.push_back({field, "cannot be a name: give at most 1000 bytes without control characters"});
  }
}

void check_number(double value, std::string_view field, std::int64_t least, std::int64_t most,
                  std::vector<Problem>& problems) {
  if (value >= static_cast<double>(least) && value <= static_cast<double>(most)) return;
  problems.push_back(
      {std::string(field), "is out of range: give " + std::to_string(least) + " to " + std::to_string(most)});
}

}  // namespace

std::string_view name_of(Kind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}

std::string_view name_of(Tls tls) {
  return modes[static_cast<std::size_t>(tls)];
}

std::optional<Kind> parse_kind(std::string_view name) {
  const auto place = place_of(kinds, name);
  return place ? std::optional(static_cast<Kind>(*place)) : std::nullopt;
}

std::optional<Tls> parse_tls(std::string_view name) {
  const auto place = place_of(modes, name);
  return place ? std::optional(static_cast<Tls>(*place)) : std::nullopt;
}

std::vector<Problem> problems_of(const Source& source) {
  std::vector<Problem> problems;
  check_name(source.name, problems);
  if (source.kind == Kind::postgresql) {
    check_server(source, problems);
  } else if (!source.file.starts_with('/') || source.file.size() > text_bytes_max || !is_plain(source.file)) {
    problems.push_back({"file", "is no absolute path: give the file's path from / on"});
  }
  check_number(source.query_seconds, "query_seconds", 1, 3600, problems);
  check_number(static_cast<double>(source.bounds.rows_max), "rows_max", 1, 100'000, problems);
  check_number(static_cast<double>(source.bounds.bytes_max), "bytes_max", 1024, 67'108'864, problems);
  check_number(static_cast<double>(source.bounds.cell_bytes_max), "cell_bytes_max", 16, 1'048'576, problems);
  return problems;
}

}  // namespace punctual::datasource
