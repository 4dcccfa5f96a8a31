// The one deadline of a request: the clocks of its phases, and which of them runs out first.
//
// A plain value, computed once at admission and handed from stage to stage. It reads no clock and arms no
// timer: `now` is passed in, and whoever waits arms a timer at `earliest().at`. Starting a phase can only
// make the deadline earlier. Restarting a phase costs one store.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "deadline/limits.hpp"

namespace punctual::deadline {

// Which clock runs out (or ran out), when, and how long it was.
struct Expiry {
  Phase phase = Phase::total;
  Limit limit = {};
  Instant at = Instant::max();
};

class Deadline {
 public:
  Deadline() = default;
  explicit Deadline(const Limits& limits) : limits_(limits) {}

  const Limits& limits() const { return limits_; }

  // Replaces the limits. Phases that were started keep their starts and get the new lengths: also a phase
  // that had no limit when it started.
  void set_limits(const Limits& limits) { limits_ = limits; }

  // Starts the clock of `phase`, or starts it afresh. Without a limit the start is only remembered.
  void start(Phase phase, Instant now) { started_[index_of(phase)] = now; }
  void stop(Phase phase) { started_[index_of(phase)] = Instant::max(); }

  // True while the clock of `phase` runs: it was started and has a limit.
  bool running(Phase phase) const { return end_of(phase) != Instant::max(); }

  // When the clock of `phase` runs out; Instant::max() while it does not run.
  Instant end_of(Phase phase) const {
    const auto& length = limits_[phase].duration;
    const Instant started = started_[index_of(phase)];
    return !length || *length >= Instant::max() - started ? Instant::max() : started + *length;
  }

  // The clock that runs out first; `at` is Instant::max() when none runs. Of two that run out together the
  // wider one (the earlier in the order of Phase) is named.
  Expiry earliest() const;

  // `earliest().at`.
  Instant earliest_end() const {
    Instant at = Instant::max();
    for (const Phase phase : all_phases)
      at = std::min(at, end_of(phase));
    return at;
  }

  // The expiry at or before `now`, if there is one.
  std::optional<Expiry> expired(Instant now) const;

  // What is left of the whole budget at `now`: zero when it is spent, nothing when it has no end.
  std::optional<Duration> remaining(Instant now) const;

 private:
  static constexpr std::array<Instant, phase_count> none_started() {
    std::array<Instant, phase_count> none{};
    none.fill(Instant::max());
    return none;
  }

  Limits limits_;
  std::array<Instant, phase_count> started_ = none_started();
};

}  // namespace punctual::deadline
