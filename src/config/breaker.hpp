// When a target that fails is left alone ([breaker]), and how much may be retried ([retries]).
#pragma once

#include <chrono>
#include <cstdint>

#include "deadline/clock.hpp"

namespace punctual::config {

struct Breaker {
  std::uint32_t failures_in_a_row = 5;  // 0: these do not open it
  double error_share = 0.5;             // of the calls in the window; 0: this does not open it
  std::uint32_t calls_min = 20;         // in the window, before a share means something
  deadline::Duration window = std::chrono::seconds(30);
  deadline::Duration open_for = std::chrono::seconds(5);  // doubles with each trial that fails
  deadline::Duration open_for_max = std::chrono::seconds(60);
  // How often a target that is left alone is looked at with a call that costs no tokens; zero: never.
  deadline::Duration check_every = std::chrono::seconds(5);
};

struct Retries {
  double share = 0.2;      // of the requests: what retries may add to the traffic, fallbacks among them
  double per_second = 10;  // and so many whatever the traffic is
  deadline::Duration back_off =
      std::chrono::milliseconds(250);  // before the same target is asked again; doubles
};

}  // namespace punctual::config
