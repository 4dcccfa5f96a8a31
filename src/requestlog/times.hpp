// Times and durations as text. Microseconds (since the epoch, in UTC), as the database has them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punctual::requestlog {

// "2026-01-31T23:59:59.5Z", "2026-01-31T23:59:59+02:00", "2026-01-31" (its beginning). Years 1970 to 9999;
// digits beyond microseconds are cut off; a leap second is the first moment of the next minute.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// "2026-01-31T23:59:59.500Z": milliseconds, or microseconds where there are any.
std::string rfc3339(std::int64_t microseconds);

// "90" (seconds), "0.5", "500ms", "90s", "15m", "1h", "7d". Not negative, at most a hundred years.
std::optional<std::int64_t> parse_duration(std::string_view text);

inline double milliseconds(std::int64_t microseconds) {
  return static_cast<double>(microseconds) / 1000.0;
}
inline double seconds(std::int64_t microseconds) {
  return static_cast<double>(microseconds) / 1e6;
}

}  // namespace punctual::requestlog
