#include "sim/echo.hpp"

#include <algorithm>
#include <map>

#include "json/splice.hpp"

namespace punctual::sim {

namespace {

std::string lowered(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return text;
}

std::string_view without_secret(std::string_view name, std::string_view value) {
  if (name == "authorization" || name == "proxy-authorization") return value.substr(0, value.find(' '));
  if (name == "x-api-key" || name == "api-key" || name == "cookie") return {};
  return value;
}

// Header values may hold bytes that no JSON may.
std::string ascii(std::string_view value) {
  std::string text(value);
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

}  // namespace

std::string echo_of(const http::RequestHead& head, std::string_view body) {
  std::map<std::string, std::string> fields;
  for (const auto& header : head.headers) {
    auto name = lowered(header.name);
    const auto value = ascii(without_secret(name, header.value));
    const auto [place, added] = fields.try_emplace(std::move(name), value);
    if (!added) place->second.append(", ").append(value);
  }
  std::string text = R"({"method":)" + json::quoted(head.method) + R"(,"target":)" +
                     json::quoted(ascii(head.target)) + R"(,"headers":{)";
  std::string_view comma;
  for (const auto& [name, value] : fields) {
    text.append(comma).append(json::quoted(name)).append(":").append(json::quoted(value));
    comma = ",";
  }
  text += R"(},"body":)" + json::quoted(body) + "}";
  return json::quoted(text);
}

}  // namespace punctual::sim
