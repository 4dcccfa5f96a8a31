#include "settings/json_table.hpp"

#include <limits>

namespace punctual::settings {

namespace {

namespace bj = boost::json;

config::Value value_from(const bj::value& value) {
  switch (value.kind()) {
    case bj::kind::string:
      return {std::string(value.get_string()), 0};
    case bj::kind::int64:
      return {value.get_int64(), 0};
    case bj::kind::uint64:  // above every bound that there is
      return {static_cast<double>(value.get_uint64()), 0};
    case bj::kind::double_:
      return {value.get_double(), 0};
    case bj::kind::bool_:
      return {value.get_bool(), 0};
    case bj::kind::array: {
      config::List list;
      for (const auto& item : value.get_array())
        list.push_back(value_from(item));
      return {std::move(list), 0};
    }
    case bj::kind::object:
      return {table_from(value.get_object()), 0};
    case bj::kind::null:
      break;
  }
  return {config::DateTime{}, 0};
}

}  // namespace

config::Table table_from(const bj::object& object) {
  config::Table table;
  for (const auto& member : object) {
    if (!member.value().is_null())
      table.push_back({std::string(member.key()), value_from(member.value()), 0});
  }
  return table;
}

std::expected<bj::object, std::string> parse_object(std::string_view text) {
  boost::system::error_code error;
  bj::parse_options options;
  options.max_depth = 16;
  auto value = bj::parse({text.data(), text.size()}, error, {}, options);
  if (error) return std::unexpected("is not valid JSON (" + error.message() + "): write an object");
  if (!value.is_object()) return std::unexpected(std::string("is not an object: write { ... }"));
  return std::move(value.get_object());
}

}  // namespace punctual::settings
