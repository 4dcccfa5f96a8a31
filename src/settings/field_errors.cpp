#include "settings/field_errors.hpp"

#include <utility>

namespace punctual::settings {

std::string shown(const boost::json::value& value) {
  constexpr std::size_t shown_bytes_max = 60;
  std::string text = boost::json::serialize(value);
  if (text.size() > shown_bytes_max) text = text.substr(0, shown_bytes_max) + "...";
  return text;
}

Error invalid_fields(std::vector<FieldError> fields) {
  std::string message = fields.front().field + " " + fields.front().message + ".";
  return {ErrorKind::invalid, std::move(message), std::move(fields)};
}

}  // namespace punctual::settings
