// How much a configuration may hold. What exceeds a bound is an error that names it.
#pragma once

#include <cstddef>

namespace punctual::config {

inline constexpr std::size_t file_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t key_bytes_max = 16384;
inline constexpr std::size_t name_bytes_max = 128;
inline constexpr std::size_t pattern_bytes_max = 256;
inline constexpr std::size_t model_bytes_max = 256;
inline constexpr std::size_t targets_max = 16;
inline constexpr std::size_t headers_max = 32;
inline constexpr std::size_t header_bytes_max = 8192;

}  // namespace punctual::config
