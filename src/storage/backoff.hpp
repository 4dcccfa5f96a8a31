// How long to wait before the next attempt to connect: 100 ms, doubled up to 5 s, each a quarter more or
// less, so that gateways that lost the same server do not come back all at once. One thread.
#pragma once

#include <algorithm>
#include <random>
#include <utility>

#include "deadline/clock.hpp"

namespace punctual::storage {

class Backoff {
 public:
  static constexpr deadline::Duration shortest = std::chrono::milliseconds(100);
  static constexpr deadline::Duration longest = std::chrono::seconds(5);

  deadline::Duration next() {
    const auto middle = std::exchange(next_, std::min(2 * next_, longest));
    return std::chrono::duration_cast<deadline::Duration>(middle * spread_(random_));
  }
  void reset() { next_ = shortest; }

 private:
  deadline::Duration next_ = shortest;
  std::minstd_rand random_{std::random_device{}()};
  std::uniform_real_distribution<double> spread_{0.75, 1.25};
};

}  // namespace punctual::storage
