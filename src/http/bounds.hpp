// The bounds of what HTTP peers may send. Beyond them a message is refused, not truncated.
#pragma once

#include <cstddef>

namespace punctual::http {

inline constexpr std::size_t head_bytes_max = 64 * 1024;              // start line and fields together
inline constexpr std::size_t target_bytes_max = 8 * 1024;             // the request target
inline constexpr std::size_t header_count_max = 128;                  // fields in one head
inline constexpr std::size_t informational_heads_max = 8;             // 1xx answers before the real one
inline constexpr std::size_t framing_overhead_bytes_max = 64 * 1024;  // chunk sizes, extensions, trailers ...
inline constexpr std::size_t framing_overhead_factor_max = 8;         // ... plus so much per byte of content
inline constexpr std::size_t event_bytes_max = 1024 * 1024;  // one SSE event held back until it is whole

}  // namespace punctual::http
