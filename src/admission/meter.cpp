#include "admission/meter.hpp"

#include <algorithm>
#include <limits>

namespace punctual::admission {

namespace {

using Wide = __int128;

constexpr std::int64_t minute = std::chrono::nanoseconds(std::chrono::minutes(1)).count();
// What can be owed at most, so that sums of it stay numbers: a hundred years.
constexpr std::int64_t debt_max = std::int64_t{100} * 365 * 24 * 3600 * 1'000'000'000;

std::int64_t number_of(deadline::Instant now) {
  return now.time_since_epoch().count();
}

// How long the bucket takes to gain `amount`.
std::int64_t time_of(std::uint64_t amount, std::uint64_t per_minute) {
  const std::uint64_t bounded = std::min<std::uint64_t>(amount, std::numeric_limits<std::int64_t>::max());
  const Wide time = static_cast<Wide>(bounded) * minute / per_minute;
  return static_cast<std::int64_t>(std::min<Wide>(time, debt_max));
}

// Negative or zero: there is enough for `time` more.
std::int64_t lack(std::int64_t full_at, std::int64_t time, std::int64_t now) {
  return std::max(full_at, now) + time - now - minute;
}

}  // namespace

void Meter::set_rate(std::uint64_t per_minute, deadline::Instant now) {
  const auto wanted = std::min(per_minute, per_minute_max);
  const auto before = per_minute_.exchange(wanted, std::memory_order_relaxed);
  if (before == wanted) return;
  const auto at = number_of(now);
  const auto owed = std::max<std::int64_t>(full_at_.load(std::memory_order_relaxed) - at, 0);
  const Wide kept = before == 0 || wanted == 0 ? 0 : static_cast<Wide>(owed) * before / wanted;
  full_at_.store(at + static_cast<std::int64_t>(std::min<Wide>(kept, debt_max)), std::memory_order_relaxed);
}

deadline::Duration Meter::take(deadline::Instant now) {
  const auto rate = per_minute();
  if (rate == 0) return {};
  const auto at = number_of(now);
  const auto time = time_of(1, rate);
  auto full_at = full_at_.load(std::memory_order_relaxed);
  do {
    const auto missing = lack(full_at, time, at);
    if (missing > 0) return deadline::Duration(missing);
  } while (!full_at_.compare_exchange_weak(full_at, std::max(full_at, at) + time, std::memory_order_relaxed));
  return {};
}

deadline::Duration Meter::wait(deadline::Instant now) const {
  const auto rate = per_minute();
  if (rate == 0) return {};
  const auto missing = lack(full_at_.load(std::memory_order_relaxed), time_of(1, rate), number_of(now));
  return deadline::Duration(std::max<std::int64_t>(missing, 0));
}

void Meter::take_anyway(std::uint64_t amount, deadline::Instant now) {
  const auto rate = per_minute();
  if (rate == 0 || amount == 0) return;
  const auto at = number_of(now);
  const auto time = time_of(amount, rate);
  auto full_at = full_at_.load(std::memory_order_relaxed);
  std::int64_t next = 0;
  do {
    next = std::min(std::max(full_at, at) + time, at + debt_max);
  } while (!full_at_.compare_exchange_weak(full_at, next, std::memory_order_relaxed));
}

}  // namespace punctual::admission
