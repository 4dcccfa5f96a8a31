// How findings and evidence say a number. Inside this folder.
#pragma once

#include <fmt/format.h>

#include <string>

namespace punctual::chain {

inline std::string words(double seconds) {
  return fmt::format("{:g} s", seconds);
}

}  // namespace punctual::chain
