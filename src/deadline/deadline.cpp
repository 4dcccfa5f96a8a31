#include "deadline/deadline.hpp"

#include <algorithm>

namespace punctual::deadline {

Expiry Deadline::earliest() const {
  Phase first = Phase::total;
  Instant at = end_of(first);
  for (Phase phase : all_phases) {
    const Instant end = end_of(phase);
    if (end < at) {
      first = phase;
      at = end;
    }
  }
  return {first, limits_[first], at};
}

std::optional<Expiry> Deadline::expired(Instant now) const {
  const Expiry first = earliest();
  if (first.at > now || first.at == Instant::max()) return std::nullopt;
  return first;
}

std::optional<Duration> Deadline::remaining(Instant now) const {
  const Instant end = end_of(Phase::total);
  if (end == Instant::max()) return std::nullopt;
  return std::max(end - now, Duration::zero());
}

}  // namespace punctual::deadline
