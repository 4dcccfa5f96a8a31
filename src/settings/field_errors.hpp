// What is wrong with a body that is read member by member, which no reader of the configuration knows. Pure.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "settings/error.hpp"

namespace punctual::settings {

// A value as an error quotes it: JSON, cut after 60 bytes.
std::string shown(const boost::json::value& value);

// `fields` is not empty; the message is the first of them as a sentence.
Error invalid_fields(std::vector<FieldError> fields);

}  // namespace punctual::settings
