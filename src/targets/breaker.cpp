#include "targets/breaker.hpp"

#include <algorithm>

namespace punctual::targets {

namespace {

// A trial that has said nothing for so long does not keep others from trying.
constexpr deadline::Duration trial_patience = std::chrono::seconds(60);

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

std::string_view name_of(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return {};
}

std::string_view name_of(Hold hold) {
  switch (hold) {
    case Hold::automatic:
      return "automatic";
    case Hold::closed:
      return "closed";
    case Hold::open:
      return "open";
  }
  return {};
}

bool Breaker::admits(deadline::Instant now) const {
  const Hold hold = hold_.load(relaxed);
  if (hold != Hold::automatic) return hold == Hold::closed;
  return state_.load(relaxed) == BreakerState::closed ||
         now.time_since_epoch().count() >= until_.load(relaxed);
}

Pass Breaker::admit(deadline::Instant now) {
  const Hold hold = hold_.load(relaxed);
  if (hold != Hold::automatic) return hold == Hold::closed ? Pass::usual : Pass::refused;
  if (state_.load(relaxed) == BreakerState::closed) return Pass::usual;
  const Ticks at = now.time_since_epoch().count();
  Ticks until = until_.load(relaxed);
  if (at < until) return Pass::refused;
  // Whoever moves the time is the one that is let through.
  if (!until_.compare_exchange_strong(until, (now + trial_patience).time_since_epoch().count())) {
    return Pass::refused;
  }
  state_.store(BreakerState::half_open, relaxed);
  return Pass::trial;
}

bool Breaker::succeeded(Pass pass, deadline::Instant now, const config::Breaker& settings) {
  in_a_row_.store(0, relaxed);
  count(false, now, settings.window);
  // What was sent before the breaker opened says nothing of the target as it is now.
  if (pass != Pass::trial) return false;
  trips_.store(0, relaxed);
  window_calls_.store(0, relaxed);
  window_failures_.store(0, relaxed);
  return state_.exchange(BreakerState::closed, relaxed) != BreakerState::closed;
}

bool Breaker::failed(Pass pass, deadline::Instant now, const config::Breaker& settings) {
  const auto in_a_row = in_a_row_.fetch_add(1, relaxed) + 1;
  count(true, now, settings.window);
  if (pass == Pass::trial) return trip(now, settings);
  if (state_.load(relaxed) != BreakerState::closed) return false;
  if (settings.failures_in_a_row > 0 && in_a_row >= settings.failures_in_a_row) return trip(now, settings);
  const auto calls = window_calls_.load(relaxed);
  const auto failures = window_failures_.load(relaxed);
  const bool too_many = settings.error_share > 0 && calls >= settings.calls_min &&
                        failures >= settings.error_share * static_cast<double>(calls);
  return too_many && trip(now, settings);
}

void Breaker::abandoned(Pass pass, deadline::Instant now) {
  if (pass != Pass::trial) return;
  state_.store(BreakerState::open, relaxed);
  until_.store(now.time_since_epoch().count(), relaxed);
}

void Breaker::try_soon(deadline::Instant now) {
  if (state_.load(relaxed) != BreakerState::open) return;
  until_.store(now.time_since_epoch().count(), relaxed);
}

bool Breaker::trip(deadline::Instant now, const config::Breaker& settings) {
  const auto trips = std::min<std::uint32_t>(trips_.fetch_add(1, relaxed), 16);
  const auto pause = std::min(settings.open_for * (std::int64_t{1} << trips), settings.open_for_max);
  until_.store((now + pause).time_since_epoch().count(), relaxed);
  return state_.exchange(BreakerState::open, relaxed) != BreakerState::open;
}

void Breaker::count(bool failure, deadline::Instant now, deadline::Duration window) {
  const Ticks at = now.time_since_epoch().count();
  Ticks began = window_began_.load(relaxed);
  if (at - began >= window.count() && window_began_.compare_exchange_strong(began, at)) {
    window_calls_.store(0, relaxed);
    window_failures_.store(0, relaxed);
  }
  window_calls_.fetch_add(1, relaxed);
  if (failure) window_failures_.fetch_add(1, relaxed);
}

BreakerView Breaker::view(deadline::Instant now) const {
  BreakerView view;
  view.hold = hold_.load(relaxed);
  view.state = state_.load(relaxed);
  if (view.hold == Hold::closed) view.state = BreakerState::closed;
  if (view.hold == Hold::open) view.state = BreakerState::open;
  view.failures_in_a_row = in_a_row_.load(relaxed);
  view.window_calls = window_calls_.load(relaxed);
  view.window_failures = window_failures_.load(relaxed);
  if (view.state == BreakerState::open && view.hold == Hold::automatic) {
    const deadline::Instant until{deadline::Duration(until_.load(relaxed))};
    view.opens_in = std::max(until - now, deadline::Duration::zero());
  }
  return view;
}

}  // namespace punctual::targets
