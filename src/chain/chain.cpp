#include "chain/chain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "admission/budget.hpp"
#include "chain/findings.hpp"

namespace punctual::chain {

using deadline::Phase;

namespace {

struct OurLayer {
  Phase phase;
  std::string_view name;
  Counts counts;
  bool streams_only;
};

// From the outside in.
constexpr std::array<OurLayer, 6> ours = {{
    {Phase::total, "the whole request", Counts::once, false},
    {Phase::queue, "waiting for a slot", Counts::once, false},
    {Phase::attempt, "one upstream call", Counts::once, false},
    {Phase::connect, "connecting to the upstream", Counts::once, false},
    {Phase::first_token, "the first token", Counts::once, true},
    {Phase::idle, "silence between tokens", Counts::restarts, true},
}};

std::optional<double> seconds_of(const std::optional<deadline::Duration>& duration) {
  if (!duration) return std::nullopt;
  return deadline::seconds(*duration);
}

void add_front(const config::Front& front, std::size_t place, std::vector<Layer>& layers) {
  const auto add = [&](std::string_view id, const std::optional<deadline::Duration>& limit, Counts counts,
                       bool declared) {
    if (!limit && !declared) return;
    Layer layer;
    layer.id = fmt::format("front:{}:{}", place, id);
    layer.name = front.name;
    layer.seconds = seconds_of(limit);
    layer.counts = counts;
    layer.known = declared ? Known::declared : Known::assumed;
    layer.source = front.kind->setting;
    layer.ours = false;
    layers.push_back(std::move(layer));
  };
  add("total", front.total, Counts::once, front.declared_total);
  add("idle", front.idle, Counts::restarts, front.declared_idle);
}

}  // namespace

std::string_view name_of(Counts counts) {
  return counts == Counts::once ? "once" : "restarts";
}

std::string_view name_of(Known known) {
  return known == Known::set ? "set" : known == Known::declared ? "declared" : "assumed";
}

std::string_view name_of(Severity severity) {
  return severity == Severity::note ? "note" : severity == Severity::warning ? "warning" : "broken";
}

Chain chain_of(const config::Configuration& configuration, const Subject& subject) {
  Chain chain;
  chain.endpoint = subject.endpoint;
  chain.stream = subject.stream;
  for (std::size_t place = 0; place < configuration.fronts.size(); ++place)
    add_front(configuration.fronts[place], place, chain.layers);
  admission::BudgetInputs inputs;
  inputs.timeouts = &configuration.timeouts;
  inputs.endpoint = subject.endpoint;
  inputs.stream = subject.stream;
  inputs.upstream_streams = subject.stream || (subject.rule && subject.rule->stream_upstream);
  if (subject.rule) inputs.rule = &subject.rule->timeouts;
  if (subject.provider) inputs.provider = &subject.provider->timeouts;
  const auto limits = admission::limits_of(inputs);
  for (const auto& [phase, name, counts, streams_only] : ours) {
    if (streams_only && !inputs.upstream_streams) continue;
    const auto& limit = limits[phase];
    chain.layers.push_back({.id = std::string(deadline::name_of(phase)),
                            .name = std::string(name),
                            .seconds = seconds_of(limit.duration),
                            .counts = counts,
                            .known = Known::set,
                            .source = limit.source.text(),
                            .ours = true});
  }
  chain.heartbeat_seconds = seconds_of(admission::heartbeat_of(inputs));
  judge(chain, {chain.heartbeat_seconds, subject.rule ? subject.rule->targets.size() : 1});
  return chain;
}

}  // namespace punctual::chain
