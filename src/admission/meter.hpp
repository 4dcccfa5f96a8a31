// A token bucket that every core may take from: so many a minute, a minute's worth at once.
//
// One atomic number (the instant at which the bucket is full again), so nobody waits for anybody. Time is
// handed in. What is taken afterwards (`take_anyway`) may go below zero: who used more waits longer. Instants
// of different cores need not be ordered.
#pragma once

#include <atomic>
#include <cstdint>

#include "deadline/clock.hpp"

namespace punctual::admission {

class Meter {
 public:
  static constexpr std::uint64_t per_minute_max = 1'000'000'000;

  // 0: there is no limit. A change keeps what is owed, as an amount; one that happens as another core takes
  // from the meter may lose that.
  void set_rate(std::uint64_t per_minute, deadline::Instant now);
  std::uint64_t per_minute() const { return per_minute_.load(std::memory_order_relaxed); }

  // Zero: one was taken. Otherwise none was, and this is how long until one can be.
  deadline::Duration take(deadline::Instant now);

  // How long until one can be taken; takes none.
  deadline::Duration wait(deadline::Instant now) const;

  void take_anyway(std::uint64_t amount, deadline::Instant now);

 private:
  std::atomic<std::uint64_t> per_minute_ = 0;
  std::atomic<std::int64_t> full_at_ = 0;  // nanoseconds since the epoch of Instant
};

}  // namespace punctual::admission
