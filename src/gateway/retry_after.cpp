#include "gateway/retry_after.hpp"

#include <algorithm>
#include <ctime>
#include <string>

#include "base/text.hpp"

namespace punctual::gateway {

namespace {

constexpr deadline::Duration longest = std::chrono::hours(1);

std::optional<double> seconds_until(std::string_view date, deadline::WallTime now) {
  std::tm parts{};
  const std::string text(date);
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (!end || *end != '\0') return std::nullopt;
  const auto then = std::chrono::system_clock::from_time_t(::timegm(&parts));
  return std::chrono::duration<double>(then - now).count();
}

}  // namespace

std::optional<deadline::Duration> retry_after(const http::Headers& headers, deadline::WallTime now) {
  std::optional<double> seconds;
  if (const auto* field = headers.find("retry-after-ms")) {
    if (const auto milliseconds = base::parse_decimal(base::trimmed(field->value)))
      seconds = *milliseconds / 1000;
  }
  if (const auto* field = headers.find("retry-after"); field && !seconds) {
    const auto value = base::trimmed(field->value);
    seconds = base::parse_decimal(value);
    if (!seconds) seconds = seconds_until(value, now);
  }
  if (!seconds) return std::nullopt;
  const auto wait = std::clamp(*seconds, 0.0, std::chrono::duration<double>(longest).count());
  return deadline::from_seconds(wait);
}

}  // namespace punctual::gateway
