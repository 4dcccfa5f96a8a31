// The cloud providers.
#include "settings/providers.hpp"

#include <array>

#include "control/answers.hpp"
#include "control/if_match.hpp"
#include "control/route.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;
using settings::Section;

Answer provider_answer(const Context& context, int status, const std::string& id) {
  const auto snapshot = context.services.settings.current();
  const auto* provider = settings::provider_of_id(*snapshot, id);
  if (!provider) return problem_answer(context, {404, "There is no provider of the id " + id + "."});
  return versioned_answer(status, settings::provider_document(*snapshot, *provider),
                          snapshot->stored.version_of(Section::providers));
}

Answer get_providers(Context& context) {
  const auto snapshot = context.services.settings.current();
  return versioned_answer(200, settings::providers_document(*snapshot),
                          snapshot->stored.version_of(Section::providers));
}

Answer get_presets(Context&) {
  return json_answer(200, settings::presets_document());
}

Answer get_provider(Context& context) {
  return provider_answer(context, 200, context.arguments[0]);
}

Answer post_provider(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto id =
      settings::create_provider(context.services.settings, context.actor(), *if_match, context.body);
  if (!id) return problem_of(context, id.error());
  return provider_answer(context, 201, *id);
}

Answer put_provider(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto changed = settings::replace_provider(context.services.settings, context.actor(), *if_match,
                                                  context.arguments[0], context.body);
  if (!changed) return problem_of(context, changed.error());
  return provider_answer(context, 200, context.arguments[0]);
}

Answer delete_provider(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto deleted =
      settings::delete_provider(context.services.settings, context.actor(), *if_match, context.arguments[0]);
  return deleted ? no_content() : problem_of(context, deleted.error());
}

Answer tested(Context& context, const settings::Snapshot& snapshot, const std::string& id) {
  const auto* provider = settings::provider_of_id(snapshot, id);
  if (!provider) return problem_answer(context, {404, "There is no provider of the id " + id + "."});
  const auto result = context.services.cores.probe(snapshot.configuration, *provider, context.request.until);
  const auto milliseconds = [](deadline::Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
  };
  bj::array models;
  for (const auto& model : result.models)
    models.push_back(bj::value(model));
  return json_answer(200, {{"good", result.good},
                           {"status", result.status},
                           {"detail", result.detail},
                           {"connect_milliseconds", milliseconds(result.connect)},
                           {"milliseconds", milliseconds(result.duration)},
                           {"model_count", result.model_count},
                           {"models", std::move(models)}});
}

Answer test_provider(Context& context) {
  return tested(context, *context.services.settings.current(), context.arguments[0]);
}

Answer test_draft(Context& context) {
  const auto draft = settings::draft_provider(context.services.settings, context.body);
  return draft ? tested(context, *draft->snapshot, draft->id) : problem_of(context, draft.error());
}

constexpr std::array<Route, 8> routes = {{
    {"GET", "/api/settings/providers", Needs::viewer, Lane::settings, get_providers},
    {"POST", "/api/settings/providers", Needs::administrator, Lane::settings, post_provider},
    {"GET", "/api/settings/providers/presets", Needs::viewer, Lane::settings, get_presets},
    {"GET", "/api/settings/providers/{id}", Needs::viewer, Lane::settings, get_provider},
    {"PUT", "/api/settings/providers/{id}", Needs::administrator, Lane::settings, put_provider},
    {"DELETE", "/api/settings/providers/{id}", Needs::administrator, Lane::settings, delete_provider},
    {"POST", "/api/settings/providers/{id}/test", Needs::administrator, Lane::queries, test_provider},
    {"POST", "/api/settings/providers/test", Needs::administrator, Lane::queries, test_draft},
}};

}  // namespace

std::span<const Route> provider_routes() {
  return routes;
}

}  // namespace punctual::control
