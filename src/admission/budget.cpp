#include "admission/budget.hpp"

#include <algorithm>

namespace punctual::admission {

using deadline::Phase;
using deadline::SourceKind;

deadline::Limits limits_of(const BudgetInputs& inputs) {
  deadline::Limits limits = inputs.timeouts->limits_for(inputs.endpoint);
  if (inputs.rule) inputs.rule->apply_to(limits);
  if (inputs.provider) inputs.provider->apply_to(limits);
  if (!inputs.stream && !inputs.upstream_streams) {
    // An answer in one piece has no first token and no pause between tokens that could be seen.
    limits[Phase::first_token] = {};
    limits[Phase::idle] = {};
  }
  if (inputs.key && inputs.key->settings.deadline_max) {
    limits.shorten(Phase::total, *inputs.key->settings.deadline_max,
                   {SourceKind::api_key, inputs.key->settings.name});
  }
  if (const auto& limit = inputs.request.limit) {
    limits.shorten(Phase::total, limit->duration, {SourceKind::request, limit->name});
  }
  if (inputs.body_timeout)
    limits.shorten(Phase::total, *inputs.body_timeout, {SourceKind::request, "timeout"});
  const auto give_way = [&limits](const std::optional<api::NamedDuration>& patience) {
    if (!patience) return;
    const auto left = patience->duration - api::patience_margin(patience->duration);
    limits.shorten(Phase::total, left, {SourceKind::patience, patience->name});
  };
  give_way(inputs.request.patience);
  if (!inputs.stream) give_way(inputs.request.read_patience);
  return limits;
}

std::optional<deadline::Duration> heartbeat_of(const BudgetInputs& inputs) {
  auto interval = inputs.timeouts->heartbeat.duration;
  if (!inputs.stream || !interval) return std::nullopt;
  if (const auto& patience = inputs.request.read_patience)
    interval = std::min(*interval, patience->duration / 2);
  // A client that waits for less than this cannot be helped by more traffic.
  constexpr deadline::Duration interval_min = std::chrono::milliseconds(10);
  return std::max(*interval, interval_min);
}

}  // namespace punctual::admission
