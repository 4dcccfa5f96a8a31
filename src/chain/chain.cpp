#include "chain/chain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "admission/budget.hpp"
#include "chain/layout.hpp"
#include "chain/observed_layers.hpp"

namespace punctual::chain {

using deadline::Phase;

namespace {

enum class Only : std::uint8_t { always, local_models, streams };

struct OurLayer {
  Phase phase;
  std::string_view name;
  Counts counts;
  Only only;
};

// From the outside in.
constexpr std::array<OurLayer, 7> ours = {{
    {Phase::total, "the whole request", Counts::once, Only::always},
    {Phase::load, "loading the model without progress", Counts::restarts, Only::local_models},
    {Phase::queue, "waiting for a slot", Counts::once, Only::always},
    {Phase::attempt, "one upstream call", Counts::once, Only::always},
    {Phase::connect, "connecting to the upstream", Counts::once, Only::always},
    {Phase::first_token, "the first token", Counts::once, Only::streams},
    {Phase::idle, "silence between tokens", Counts::restarts, Only::streams},
}};

bool may_be_local(const Subject& subject) {
  if (subject.provider) return !subject.provider->local_model.empty();
  const auto leads = [](const config::Target& target) { return target.provider == config::pool_provider; };
  return subject.rule && std::ranges::any_of(subject.rule->targets, leads);
}

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

std::vector<Layer> fronts_of(const config::Configuration& configuration) {
  std::vector<Layer> layers;
  for (std::size_t place = 0; place < configuration.fronts.size(); ++place)
    add_front(configuration.fronts[place], place, layers);
  return layers;
}

// Of the providers that such a request may reach, the one that gives up by itself after the shortest time.
std::optional<Layer> upstream_of(const config::Configuration& configuration, const Subject& subject) {
  std::vector<const config::Provider*> providers;
  if (subject.provider) {
    providers = {subject.provider};
  } else if (subject.rule) {
    providers.reserve(subject.rule->targets.size());
    for (const auto& target : subject.rule->targets)
      providers.push_back(configuration.provider_named(target.provider));
  } else {
    providers.reserve(configuration.providers.size());
    for (const auto& provider : configuration.providers)
      providers.push_back(&provider);
  }
  std::erase_if(providers, [](const auto* provider) { return !provider || !provider->own_limit; });
  if (providers.empty()) return std::nullopt;
  const auto* shortest =
      *std::ranges::min_element(providers, {}, [](const auto* provider) { return *provider->own_limit; });
  Layer layer;
  layer.id = upstream_id;
  layer.name = shortest->name + ", by itself";
  layer.seconds = seconds_of(shortest->own_limit);
  layer.known = Known::declared;
  layer.source = fmt::format("provider {}: own_limit_seconds", shortest->name);
  layer.ours = false;
  return layer;
}

void append(std::vector<Layer>& layers, std::vector<Layer> some) {
  layers.insert(layers.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

}  // namespace

std::string_view name_of(Counts counts) {
  return counts == Counts::once ? "once" : "restarts";
}

std::string_view name_of(Known known) {
  constexpr std::array<std::string_view, 6> names = {"set",  "declared", "assumed",
                                                     "sent", "learnt",   "probed"};
  return names[static_cast<std::size_t>(known)];
}

std::string_view name_of(Severity severity) {
  return severity == Severity::note ? "note" : severity == Severity::warning ? "warning" : "broken";
}

Layout lay_out(const config::Configuration& configuration, const Subject& subject, const Observed& observed) {
  Layout layout;
  Chain& chain = layout.chain;
  chain.endpoint = subject.endpoint;
  chain.stream = subject.stream;
  append(chain.layers, layers_of_clients(observed, subject.endpoint, subject.stream));
  auto fronts = fronts_of(configuration);
  auto walls = apply_walls(observed, configuration, subject.stream, fronts);
  append(chain.layers, std::move(walls.layers));
  append(chain.layers, std::move(fronts));
  admission::BudgetInputs inputs;
  inputs.timeouts = &configuration.timeouts;
  inputs.endpoint = subject.endpoint;
  inputs.stream = subject.stream;
  // Engines of ours are asked for streams always.
  const bool local = may_be_local(subject);
  inputs.upstream_streams = subject.stream || local || (subject.rule && subject.rule->stream_upstream);
  if (subject.rule) inputs.rule = &subject.rule->timeouts;
  if (subject.provider) inputs.provider = &subject.provider->timeouts;
  const auto limits = admission::limits_of(inputs);
  for (const auto& [phase, name, counts, only] : ours) {
    if (only == Only::streams && !inputs.upstream_streams) continue;
    if (only == Only::local_models && !local) continue;
    const auto& limit = limits[phase];
    chain.layers.push_back({.id = std::string(deadline::name_of(phase)),
                            .name = std::string(name),
                            .seconds = seconds_of(limit.duration),
                            .counts = counts,
                            .known = Known::set,
                            .source = limit.source.text(),
                            .ours = true});
  }
  if (auto upstream = upstream_of(configuration, subject)) chain.layers.push_back(std::move(*upstream));
  chain.heartbeat_seconds = seconds_of(admission::heartbeat_of(inputs));
  layout.facts.observed = std::move(walls.findings);
  if (!observed.trouble.empty()) {
    layout.facts.observed.push_back(
        {Severity::note, {}, "What clients did is not in this chain: " + observed.trouble, {}, {}});
  }
  if (subject.rule) {
    layout.facts.targets = subject.rule->targets.size();
    layout.facts.rule = subject.rule->pattern;
  }
  return layout;
}

Chain chain_of(const config::Configuration& configuration, const Subject& subject, const Observed& observed) {
  auto [chain, facts] = lay_out(configuration, subject, observed);
  judge(chain, facts);
  return chain;
}

}  // namespace punctual::chain
