// Lines as the gateway writes nearly all of them, read in one walk: an object without spaces, its strings
// without escapes. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "storage/value.hpp"

namespace punctual::requestlog {

// Fills the columns of `record_members`, the provider, and `document` with marks. False: the line is of
// another form, or has a member twice, and the row holds anything. What is inside of arrays and objects is
// looked at no closer than to find their end. `row` has all columns, of the types that they have when nothing
// is said.
bool read_plain_line(std::string_view line, std::vector<storage::Value>& row);

}  // namespace punctual::requestlog
