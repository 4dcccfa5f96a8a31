// A circuit breaker: whether a target is asked at all, judged by how its last calls went.
//
// Closed: asked. It opens after so many failures in a row, or when so large a share of the calls in a window
// failed; then nothing is asked for a while, which doubles each time up to a bound. After that one call is
// let through (half-open): it closes the breaker, or opens it again. An operator may hold it open or closed.
//
// Any thread; atomics only. Calls that end at the same instant may be counted in either of two windows.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "config/breaker.hpp"
#include "deadline/clock.hpp"

namespace punctual::targets {

enum class BreakerState : std::uint8_t { closed, open, half_open };
std::string_view name_of(BreakerState state);

// What an operator wants instead of what was learnt.
enum class Hold : std::uint8_t { automatic, closed, open };
std::string_view name_of(Hold hold);

// How a call may go; handed back with its end.
enum class Pass : std::uint8_t {
  refused,
  usual,
  trial,  // the one of half-open
};

struct BreakerView {
  BreakerState state = BreakerState::closed;
  Hold hold = Hold::automatic;
  std::uint32_t failures_in_a_row = 0;
  std::uint32_t window_calls = 0;
  std::uint32_t window_failures = 0;
  std::optional<deadline::Duration> opens_in;  // until the next trial, while open
};

class Breaker {
 public:
  Pass admit(deadline::Instant now);
  // Whether `admit` would let a call through now.
  bool admits(deadline::Instant now) const;

  // The end of a call, once each. True: the state has changed.
  bool succeeded(Pass pass, deadline::Instant now, const config::Breaker& settings);
  bool failed(Pass pass, deadline::Instant now, const config::Breaker& settings);
  // It ended for a reason that says nothing of the target: the client left, or its own limit ran out.
  void abandoned(Pass pass, deadline::Instant now);

  // Something else has found it well (a check): the next call is the trial, now.
  void try_soon(deadline::Instant now);

  void hold(Hold hold) { hold_.store(hold, std::memory_order_relaxed); }
  BreakerView view(deadline::Instant now) const;
  bool open(deadline::Instant now) const { return view(now).state == BreakerState::open; }

 private:
  using Ticks = deadline::Instant::rep;

  bool trip(deadline::Instant now, const config::Breaker& settings);
  void count(bool failure, deadline::Instant now, deadline::Duration window);

  std::atomic<BreakerState> state_ = BreakerState::closed;
  std::atomic<Hold> hold_ = Hold::automatic;
  std::atomic<std::uint32_t> in_a_row_ = 0;
  std::atomic<std::uint32_t> trips_ = 0;  // since it was last closed
  std::atomic<std::uint32_t> window_calls_ = 0;
  std::atomic<std::uint32_t> window_failures_ = 0;
  std::atomic<Ticks> window_began_ = 0;
  std::atomic<Ticks> until_ = 0;  // open: when a trial may go; half-open: when another may
};

}  // namespace punctual::targets
