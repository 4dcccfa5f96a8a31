// Which target a request is sent to, and to which one next when that fails.
//
// Follows the rule's way to balance, leaves out targets whose breaker is open or that ask to be left alone
// (the latter are tried when nothing else is left), and bounds what is tried again: by the rule, by the
// core's retry budget, and by the time that is left, which must be more than the target usually takes to its
// first token. One request's; one thread only; the core must outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "config/bounds.hpp"
#include "gateway/core.hpp"
#include "routing/route.hpp"
#include "targets/target.hpp"

namespace punctual::gateway {

struct Choice {
  std::size_t place = 0;  // among the route's candidates
  targets::Target* target = nullptr;
  targets::Pass pass = targets::Pass::usual;
};

// What comes after a target that failed.
struct Next {
  std::size_t place = 0;
  deadline::Duration delay{};  // before it is asked again; zero for another one
};

class TargetPlan {
 public:
  TargetPlan(Core& core, const Settings& settings) : core_(core), settings_(settings) {}

  void begin(const routing::Route& route);
  // The candidate at `place` cannot serve this request at all.
  void leave_out(std::size_t place) { entries_[place].out = entries_[place].useless = true; }
  bool useful(std::size_t place) const { return !entries_[place].useless; }
  std::size_t left() const;

  // The target to ask first. Nothing: every breaker is open; `opens_in` says for how long.
  std::optional<Choice> first(deadline::Instant now);
  std::optional<deadline::Duration> opens_in() const { return opens_in_; }

  // Whether something could follow the target at `failed`, as of now: nothing is decided. `retry_after`: what
  // the upstream asked for; `again`: the same target may be asked once more.
  std::optional<Next> peek(std::size_t failed, deadline::Instant now,
                           std::optional<deadline::Duration> remaining, bool again,
                           std::optional<deadline::Duration> retry_after = {});
  // Whether what `peek` has found is still possible: the end of the attempt may have opened a breaker.
  bool possible(const Next& next, deadline::Instant now) const;
  // Decides what `peek` has found. Nothing: it has become impossible meanwhile.
  std::optional<Choice> take(const Next& next, deadline::Instant now);

  // How many targets were passed over because their breakers are open.
  std::size_t passed_over() const { return passed_over_; }

 private:
  struct Entry {
    targets::Target* target = nullptr;
    std::uint32_t weight = 1;
    std::uint32_t tries = 0;
    bool out = false;  // tried, or of no use
    bool useless = false;
  };

  std::optional<std::size_t> best(deadline::Instant now, std::optional<deadline::Duration> remaining) const;
  std::size_t of_equals(std::span<const std::size_t> equals) const;
  void note_passed_over(deadline::Instant now);
  bool worth_trying(std::size_t place, std::optional<deadline::Duration> remaining,
                    deadline::Duration delay) const;

  Core& core_;
  const Settings& settings_;
  routing::Route route_;
  std::array<Entry, config::targets_max> entries_;
  std::size_t count_ = 0;
  std::size_t passed_over_ = 0;
  std::optional<deadline::Duration> opens_in_;
};

}  // namespace punctual::gateway
