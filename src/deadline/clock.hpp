// Time, as everything that waits reads it: injected, so that a test of a 15-minute limit takes microseconds.
//
// `Instant` is monotonic and only good for differences; `WallTime` is for records and people. Both have
// nanosecond resolution. SystemClock may be used from any thread; ManualClock from one.
#pragma once

#include <chrono>

namespace punctual::deadline {

using Duration = std::chrono::nanoseconds;
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
  WallTime wall_now() const override;
};

// Stands still until it is told. Starts one hour after the epoch, so that earlier instants exist.
class ManualClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  WallTime wall_now() const override { return WallTime(now_.time_since_epoch()); }
  void advance(Duration by) { now_ += by; }
  void advance_to(Instant to) { now_ = to > now_ ? to : now_; }

 private:
  Instant now_ = Instant(std::chrono::hours(1));
};

// Seconds as people and JSON write them.
inline double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// The nearest duration to `seconds`, at most a hundred years (so that now plus it is an Instant).
Duration from_seconds(double seconds);

}  // namespace punctual::deadline
