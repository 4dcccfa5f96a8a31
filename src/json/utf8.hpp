// Text that a peer sent may be anything; what stands in a JSON document must be UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace punctual::json {

// The text itself if it is UTF-8; else with U+FFFD for each byte that is not ASCII.
std::string as_utf8(std::string_view text);

}  // namespace punctual::json
