#include "deadline/watch.hpp"

#include <algorithm>

namespace punctual::deadline {

Watch::Watch(const Clock& clock, Wheel& wheel, base::ReadyQueue& ready, WatchHooks& hooks)
    : clock_(clock), wheel_(wheel), signals_(ready), hooks_(hooks), timer_(&Watch::expire, this) {}

void Watch::expire(void* self) {
  auto& watch = *static_cast<Watch*>(self);
  watch.armed_for_ = Instant::max();
  watch.signals_.raise(bits::timer);
}

void Watch::begin(const Limits& limits) {
  deadline_ = Deadline(limits);
  heartbeat_at_ = Instant::max();
  interruption_.reset();
  signals_.take(bits::timer | bits::stop);
  // Nothing runs yet: a timer that is still armed finds nothing to do.
}

void Watch::set_limits(const Limits& limits) {
  deadline_.set_limits(limits);
  arm();
}

void Watch::start(Phase phase, Instant at) {
  deadline_.start(phase, at);
  // The timer is armed for the others already, or its bit waits to be looked at.
  arm_at(deadline_.end_of(phase));
}

void Watch::set_heartbeat(Instant at) {
  heartbeat_at_ = at;
  arm_at(at);
}

void Watch::arm() {
  arm_at(std::min(deadline_.earliest_end(), heartbeat_at_));
}

// Only an earlier time touches the wheel; a later one is found out when the timer fires.
void Watch::arm_at(Instant due) {
  if (due >= armed_for_) return;
  armed_for_ = due;
  wheel_.arm(timer_, due);
}

void Watch::recover() {
  for (const Phase phase :
       {Phase::queue, Phase::load, Phase::connect, Phase::first_token, Phase::idle, Phase::attempt})
    deadline_.stop(phase);
  interruption_.reset();
  arm();
}

std::optional<Interruption> Watch::interrupt(Interruption reason, Instant now) {
  interruption_ = reason;
  interrupted_at_ = now;
  return interruption_;
}

std::optional<Interruption> Watch::interrupted(base::Signals::Mask raised) {
  if (interruption_) return interruption_;
  if (raised & bits::client_readable && hooks_.client_gone())
    return interrupt(Interruption::client_gone, clock_.now());
  if (raised & bits::stop) return interrupt(Interruption::stopped, clock_.now());
  if (raised & bits::timer) {
    const Instant now = clock_.now();
    if (const auto expired = deadline_.expired(now)) {
      expiry_ = *expired;
      return interrupt(Interruption::expired, now);
    }
    if (heartbeat_at_ <= now) {
      heartbeat_at_ = Instant::max();
      hooks_.heartbeat(now);
    }
    arm();
  }
  return std::nullopt;
}

}  // namespace punctual::deadline
