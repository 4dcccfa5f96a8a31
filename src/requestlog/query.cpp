// The query of a URL as parameters.
#include "base/text.hpp"
#include "requestlog/filter.hpp"
#include "storage/value.hpp"

namespace punctual::requestlog {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::unexpected<ParameterError> wrong(std::string_view parameter, std::string_view value,
                                      std::string message) {
  return std::unexpected(ParameterError{storage::storable_text(parameter.substr(0, query_value_bytes_max)),
                                        storage::storable_text(value.substr(0, query_value_bytes_max)),
                                        std::move(message)});
}

}  // namespace

std::expected<std::vector<Parameter>, ParameterError> parse_query(std::string_view query) {
  if (query.size() > query_bytes_max)
    return wrong("", "", "the query is too long: at most 16384 bytes are taken");
  std::vector<Parameter> parameters;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (item.empty()) continue;
    const auto equals = item.find('=');
    const auto raw_value = equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
    auto name = decoded(item.substr(0, equals));
    auto value = decoded(raw_value);
    if (!name || !value)
      return wrong(item.substr(0, equals), raw_value, "a % is not followed by two hex digits: write %25");
    if (value->size() > query_value_bytes_max)
      return wrong(*name, *value, *name + " is too long: at most 512 bytes are taken");
    if (!storage::is_storable_text(*name) || !storage::is_storable_text(*value))
      return wrong(*name, *value, "this is not UTF-8, or has a NUL in it");
    if (parameters.size() == query_parameters_max)
      return wrong(*name, *value, "too many parameters: at most 100 are taken");
    parameters.push_back({std::move(*name), std::move(*value)});
  }
  return parameters;
}

}  // namespace punctual::requestlog
