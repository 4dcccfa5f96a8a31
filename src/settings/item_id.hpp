// Ids of what is stored: short, random, without a meaning.
#pragma once

#include <string>
#include <string_view>

namespace punctual::settings {

// `prefix`, "_" and 20 letters and digits. Any thread.
std::string new_id(std::string_view prefix);

}  // namespace punctual::settings
