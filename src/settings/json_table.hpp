// JSON as the plain tables that the configuration's readers take, so that what comes through the API is read
// and judged by the same code as the file.
#pragma once

#include <boost/json.hpp>
#include <expected>
#include <string>
#include <string_view>

#include "config/document.hpp"

namespace punctual::settings {

// Members that are null are left out. The object is nested at most as deep as the parser allowed.
config::Table table_from(const boost::json::object& object);

// The error says what is wrong with the text, as "is not ...: write ...".
std::expected<boost::json::object, std::string> parse_object(std::string_view text);

}  // namespace punctual::settings
