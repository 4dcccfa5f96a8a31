#include "routing/router.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "routing/simulated_models.hpp"

namespace punctual::routing {

namespace {

using config::Configuration;
using config::Provider;
using config::ProviderKind;
using config::Rule;

// Ollama knows its models by its own names.
Candidate candidate_of(const config::LocalModel& model) {
  const bool own_name = model.engine == config::Engine::ollama && !model.file.empty();
  return {&model.provider, own_name ? model.file : model.name};
}

std::vector<Candidate> targets_of(const Rule& rule, const Configuration& configuration) {
  std::vector<Candidate> targets;
  for (const config::Target& target : rule.targets) {
    if (target.provider == config::pool_provider) {
      const auto* local = configuration.model_named(target.model);
      assert(local && "the loader lets no rule name a local model that does not exist");
      targets.push_back(candidate_of(*local));
      continue;
    }
    const Provider* provider = configuration.provider_named(target.provider);
    assert(provider && "the loader lets no rule name a provider that does not exist");
    targets.push_back({provider, target.model});
  }
  return targets;
}

Route only(const Provider& provider, std::string_view model) {
  return {nullptr, Candidates({&provider, model})};
}

}  // namespace

std::expected<Router, std::vector<std::string>> Router::build(
    std::shared_ptr<const Configuration> configuration) {
  Router router;
  std::vector<std::string> errors;
  for (const Rule& rule : configuration->rules) {
    auto matcher = Matcher::compile(rule.match, rule.pattern);
    if (!matcher) {
      errors.push_back("rule \"" + rule.pattern + "\" (" + std::string(name_of(rule.match)) + ", priority " +
                       std::to_string(rule.priority) + "): the pattern " + matcher.error());
    } else if (rule.enabled) {
      router.entries_.push_back({&rule, std::move(*matcher), targets_of(rule, *configuration)});
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));

  // The rules stand in one vector: of equal priorities, the lower address is the earlier in the file.
  std::ranges::sort(router.entries_, {},
                    [](const Entry& entry) { return std::pair(entry.rule->priority, entry.rule); });
  std::size_t others = 0;
  for (const Provider& provider : configuration->providers) {
    const bool simulated = provider.kind == ProviderKind::simulated;
    (simulated ? router.simulated_ : router.only_) = &provider;
    others += simulated ? 0 : 1;
  }
  if (others != 1) router.only_ = nullptr;
  router.configuration_ = std::move(configuration);
  return router;
}

std::expected<Route, NotFound> Router::route(std::string_view model) const {
  for (const Entry& entry : entries_) {
    if (entry.matcher.matches(model)) return Route{entry.rule, Candidates(entry.targets, model)};
  }
  return route_by_name(model);
}

std::expected<Route, NotFound> Router::route_by_name(std::string_view model) const {
  constexpr std::string_view pool_prefix = "pool/";
  const auto local_name = model.starts_with(pool_prefix) ? model.substr(pool_prefix.size()) : model;
  if (const auto* local = configuration_->model_named(local_name))
    return Route{nullptr, Candidates(candidate_of(*local))};
  const auto slash = model.find('/');
  if (slash != std::string_view::npos && slash + 1 < model.size()) {
    const Provider* provider = configuration_->provider_named(model.substr(0, slash));
    if (provider) return only(*provider, model.substr(slash + 1));
  }
  if (simulated_ && is_simulated(model)) return only(*simulated_, model);
  if (only_ && !model.empty()) return only(*only_, model);
  return std::unexpected(not_found(model, *configuration_));
}

}  // namespace punctual::routing
