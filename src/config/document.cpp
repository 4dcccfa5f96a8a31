#include "config/document.hpp"

#include <toml++/toml.h>

#include <array>
#include <utility>

#include "config/bounds.hpp"

namespace punctual::config {

namespace {

int line_of(const toml::source_region& source) {
  return static_cast<int>(source.begin.line);
}

Value converted(const toml::node& node);

Table converted_table(const toml::table& table) {
  Table result;
  result.reserve(table.size());
  for (const auto& [key, node] : table) {
    result.push_back({std::string(key.str()), converted(node), line_of(key.source())});
  }
  return result;
}

List converted_list(const toml::array& array) {
  List result;
  result.reserve(array.size());
  for (const toml::node& node : array)
    result.push_back(converted(node));
  return result;
}

Value converted(const toml::node& node) {
  const int line = line_of(node.source());
  switch (node.type()) {
    case toml::node_type::string:
      return {node.as_string()->get(), line};
    case toml::node_type::integer:
      return {node.as_integer()->get(), line};
    case toml::node_type::floating_point:
      return {node.as_floating_point()->get(), line};
    case toml::node_type::boolean:
      return {node.as_boolean()->get(), line};
    case toml::node_type::array:
      return {converted_list(*node.as_array()), line};
    case toml::node_type::table:
      return {converted_table(*node.as_table()), line};
    default:
      return {DateTime{}, line};
  }
}

ConfigurationError error_at(std::string_view file, int line, std::string message) {
  return {std::string(file), line, {}, std::move(message)};
}

}  // namespace

std::string_view kind_of(const Value& value) {
  static constexpr std::array<std::string_view, 7> kinds = {
      "text", "an integer", "a decimal number", "true or false", "a list", "a table", "a date or time"};
  return kinds[value.data.index()];
}

std::expected<Table, ConfigurationError> parse_document(std::string_view toml_text,
                                                        std::string_view file_name) {
  if (toml_text.size() > file_bytes_max) {
    return std::unexpected(error_at(file_name, 0, "is larger than 1 MiB: no configuration needs that much"));
  }
  try {
    const auto document = toml::parse(toml_text);
    return converted_table(static_cast<const toml::table&>(document));
  } catch (const toml::parse_error& error) {
    std::string message = "is not valid TOML: " + std::string(error.description());
    return std::unexpected(error_at(file_name, line_of(error.source()), std::move(message)));
  }
}

}  // namespace punctual::config
