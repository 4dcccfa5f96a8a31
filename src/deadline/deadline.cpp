#include "deadline/deadline.hpp"

#include <algorithm>

namespace punctual::deadline {

void Deadline::set_limits(const Limits& limits) {
  for (Phase phase : all_phases) {
    if (!running(phase)) continue;
    const Instant started = at_[index_of(phase)] - *limits_[phase].duration;
    const auto& length = limits[phase].duration;
    at_[index_of(phase)] = length ? started + *length : Instant::max();
  }
  limits_ = limits;
}

void Deadline::start(Phase phase, Instant now) {
  if (const auto& length = limits_[phase].duration) at_[index_of(phase)] = now + *length;
}

Expiry Deadline::earliest() const {
  const auto first = std::min_element(at_.begin(), at_.end());
  const Phase phase = all_phases[static_cast<std::size_t>(first - at_.begin())];
  return {phase, limits_[phase], *first};
}

std::optional<Expiry> Deadline::expired(Instant now) const {
  const Expiry first = earliest();
  if (first.at > now) return std::nullopt;
  return first;
}

std::optional<Duration> Deadline::remaining(Instant now) const {
  const Instant end = at_[index_of(Phase::total)];
  if (end == Instant::max()) return std::nullopt;
  return std::max(end - now, Duration::zero());
}

}  // namespace punctual::deadline
