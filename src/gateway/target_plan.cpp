#include "gateway/target_plan.hpp"

#include <algorithm>
#include <random>

namespace punctual::gateway {

using config::Balance;

void TargetPlan::begin(const routing::Route& route) {
  route_ = route;
  count_ = route.candidates.size();
  for (std::size_t place = 0; place < count_; ++place) {
    const auto candidate = route.candidates[place];
    entries_[place] = {&core_.target_of(candidate.provider->name, candidate.model),
                       route.rule ? route.rule->targets[place].weight : 1};
  }
}

std::size_t TargetPlan::left() const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.begin() + count_,
                                                [](const Entry& entry) { return !entry.out; }));
}

std::optional<Choice> TargetPlan::first(deadline::Instant now) {
  core_.retry_budget.note_request(now, settings_.configuration->retries);
  for (;;) {
    const auto place = best(now, {});
    if (!place) {
      note_passed_over(now);
      return std::nullopt;
    }
    if (const auto choice = take({*place, {}}, now)) return choice;
  }
}

std::optional<Next> TargetPlan::peek(std::size_t failed, deadline::Instant now,
                                     std::optional<deadline::Duration> remaining, bool again,
                                     std::optional<deadline::Duration> retry_after) {
  if (!core_.retry_budget.has(now, settings_.configuration->retries)) return std::nullopt;
  const auto& entry = entries_[failed];
  const auto other = best(now, remaining);
  const bool may_again = again && route_.rule && entry.tries <= route_.rule->retries_max;
  if (may_again) {
    const auto back_off = settings_.configuration->retries.back_off * (1 << std::min(entry.tries - 1, 10u));
    const auto delay = retry_after.value_or(back_off);
    // Who asks to be left alone is, as long as there is another.
    const bool sensible = !(retry_after && other) && worth_trying(failed, remaining, delay);
    if (sensible && entry.target->breaker.admits(now)) return Next{failed, delay};
  }
  if (!other) return std::nullopt;
  return Next{*other, {}};
}

std::optional<Choice> TargetPlan::take(const Next& next, deadline::Instant now) {
  auto& entry = entries_[next.place];
  entry.out = true;
  const bool first = std::ranges::all_of(entries_, [](const Entry& each) { return each.tries == 0; });
  const auto pass = entry.target->breaker.admit(now);
  if (pass == targets::Pass::refused) return std::nullopt;
  if (!first && !core_.retry_budget.take(now, settings_.configuration->retries)) {
    entry.target->breaker.abandoned(pass, now);
    return std::nullopt;
  }
  ++entry.tries;
  return Choice{next.place, entry.target, pass};
}

bool TargetPlan::possible(const Next& next, deadline::Instant now) const {
  return entries_[next.place].target->breaker.admits(now);
}

void TargetPlan::note_passed_over(deadline::Instant now) {
  for (std::size_t place = 0; place < count_; ++place) {
    const auto& entry = entries_[place];
    if (entry.useless || entry.target->breaker.admits(now)) continue;
    ++passed_over_;
    const auto opens_in = entry.target->breaker.view(now).opens_in;
    if (opens_in) opens_in_ = std::min(opens_in_.value_or(*opens_in), *opens_in);
  }
}

bool TargetPlan::worth_trying(std::size_t place, std::optional<deadline::Duration> remaining,
                              deadline::Duration delay) const {
  const auto candidate = route_.candidates[place];
  return !remaining ||
         *remaining > delay + core_.arrival_times.usual(candidate.provider->name, candidate.model);
}

// The one to ask among those that are left: not one that wants to be left alone, if there is another.
std::optional<std::size_t> TargetPlan::best(deadline::Instant now,
                                            std::optional<deadline::Duration> remaining) const {
  std::array<std::size_t, config::targets_max> equals;
  for (const bool paused : {false, true}) {
    for (const bool reserve : {false, true}) {
      std::size_t count = 0;
      for (std::size_t place = 0; place < count_; ++place) {
        const auto& entry = entries_[place];
        const bool of_reserve = entry.weight == 0;
        if (entry.out || of_reserve != reserve || entry.target->paused(now) != paused) continue;
        if (!entry.target->breaker.admits(now)) continue;
        if (worth_trying(place, remaining, {})) equals[count++] = place;
      }
      if (count > 0) return of_equals(std::span(equals).first(count));
    }
  }
  return std::nullopt;
}

std::size_t TargetPlan::of_equals(std::span<const std::size_t> equals) const {
  const auto balance = route_.rule ? route_.rule->balance : Balance::in_order;
  if (balance == Balance::in_order || equals.size() == 1) return equals.front();
  if (balance == Balance::least_loaded) {
    return *std::ranges::min_element(equals, {}, [this](std::size_t place) {
      const auto& entry = entries_[place];
      return entry.target->in_flight.load(std::memory_order_relaxed) / std::max(1.0, double(entry.weight));
    });
  }
  std::array<double, config::targets_max> weights{};
  for (std::size_t i = 0; i < equals.size(); ++i)
    weights[i] = std::max(1u, entries_[equals[i]].weight);
  std::discrete_distribution<std::size_t> chance(weights.begin(), weights.begin() + equals.size());
  return equals[chance(core_.random)];
}

}  // namespace punctual::gateway
