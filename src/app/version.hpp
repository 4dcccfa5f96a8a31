// The version, as `punctual --version` tells it.
#pragma once

#include <string_view>

namespace punctual::app {

inline constexpr const char* version = "0.1.0";

}  // namespace punctual::app
