#include "gateway/known_models.hpp"

#include <set>

#include "routing/simulated_models.hpp"

namespace punctual::gateway {

std::vector<KnownModel> known_models(Core& core) {
  const auto& configuration = *core.settings->configuration;
  std::vector<KnownModel> models;
  std::set<std::string, std::less<>> seen;
  const auto add = [&](std::string_view id, std::string_view provider, std::string_view state = {}) {
    if (seen.emplace(id).second) models.push_back({std::string(id), std::string(provider), state});
  };
  for (const auto& rule : configuration.rules) {
    if (rule.enabled && rule.match == config::Match::exact) add(rule.pattern, rule.targets.front().provider);
  }
  for (const auto& model : configuration.models) {
    std::string_view state;
    if (core.local_models)
      state = pool::name_of(core.engine_of(model.name)->state.load(std::memory_order_relaxed));
    add(model.name, config::pool_provider, state);
  }
  for (const auto& entry : core.models.entries()) {
    for (const auto& model : entry->models) {
      // A name that would lead elsewhere is listed as one that leads here.
      const auto route = core.settings->router.route(model);
      const bool leads_here = route && route->candidates[0].provider->name == entry->provider->name;
      add(leads_here ? model : entry->provider->name + "/" + model, entry->provider->name);
    }
  }
  for (const auto model : routing::simulated_models)
    add(model, config::simulated_provider);
  return models;
}

}  // namespace punctual::gateway
