// How much of the traffic may be tried again: a share of the requests, and some each second besides. So a
// target that fails does not get a multiple of its load from those who try again. After linkerd's retry
// budgets.
//
// A token bucket of ten seconds' worth; one core's, one thread only.
#pragma once

#include <algorithm>

#include "config/breaker.hpp"
#include "deadline/clock.hpp"

namespace punctual::targets {

class RetryBudget {
 public:
  void note_request(deadline::Instant now, const config::Retries& settings) {
    refill(now, settings);
    tokens_ = std::min(tokens_ + settings.share, most(settings));
  }

  bool has(deadline::Instant now, const config::Retries& settings) {
    refill(now, settings);
    return tokens_ >= 1;
  }
  // One more try; false: not now.
  bool take(deadline::Instant now, const config::Retries& settings) {
    refill(now, settings);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  static constexpr double kept_seconds = 10;

  static double most(const config::Retries& settings) {
    return std::max(1.0, settings.per_second * kept_seconds) + (settings.share * 100);
  }

  void refill(deadline::Instant now, const config::Retries& settings) {
    if (!filled_) tokens_ = most(settings);
    if (filled_ && now > refilled_at_) {
      const auto seconds = std::chrono::duration<double>(now - refilled_at_).count();
      tokens_ = std::min(tokens_ + (seconds * settings.per_second), most(settings));
    }
    filled_ = true;
    refilled_at_ = now;
  }

  double tokens_ = 0;
  bool filled_ = false;
  deadline::Instant refilled_at_{};
};

}  // namespace punctual::targets
