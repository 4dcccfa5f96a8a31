#include "deadline/clock.hpp"

#include <cmath>

namespace punctual::deadline {

Instant SystemClock::now() const {
  return std::chrono::steady_clock::now();
}

WallTime SystemClock::wall_now() const {
  return std::chrono::system_clock::now();
}

Duration from_seconds(double seconds) {
  // A hundred years: added to any Instant of a running machine it cannot overflow.
  constexpr double seconds_max = 100.0 * 365 * 24 * 3600;
  return Duration(std::llround(std::fmax(std::fmin(seconds, seconds_max), -seconds_max) * 1e9));
}

}  // namespace punctual::deadline
