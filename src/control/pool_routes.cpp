// The local models: what is loaded, what it takes, who waits; loading and unloading by hand.
#include <array>

#include "control/answers.hpp"
#include "control/body.hpp"
#include "control/by_hand.hpp"
#include "control/pool_documents.hpp"
#include "control/route.hpp"
#include "settings/models.hpp"

namespace punctual::control {

namespace {

Answer busy(Context& context) {
  return problem_answer(context, {503, "The model pool has not answered in time."});
}

Answer get_pool(Context& context) {
  const auto view = context.services.local_models.view(context.request.until);
  if (!view) return busy(context);
  return json_answer(200, pool_document(context.services, *view));
}

Answer answer_to(Context& context, int status, const std::string& model, std::optional<bool> done,
                 std::string_view otherwise) {
  if (!done) return busy(context);
  if (!*done) return problem_answer(context, {404, std::string(otherwise)});
  const auto view = context.services.local_models.view(context.request.until);
  if (!view) return busy(context);
  for (const auto& engine : view->engines) {
    if (engine.name == model) return json_answer(status, pooled_model_document(context.services, engine));
  }
  return problem_answer(context, {404, "There is no local model '" + model + "'."});
}

Answer post_load(Context& context) {
  const auto& model = context.arguments[0];
  const auto done = context.services.local_models.load(model, context.request.until);
  if (done.value_or(false)) note_by_hand(context, {"load", "model:" + model});
  return answer_to(context, 202, model, done, "There is no local model '" + model + "'.");
}

Answer post_unload(Context& context) {
  const auto& model = context.arguments[0];
  const auto done = context.services.local_models.unload(model, context.request.until);
  if (done.value_or(false)) note_by_hand(context, {"unload", "model:" + model});
  return answer_to(context, 202, model, done, "There is no local model '" + model + "' that is loaded.");
}

Answer post_pin(Context& context) {
  const auto& model = context.arguments[0];
  Body body(context.body);
  const auto pinned = body.flag("pinned");
  if (!pinned && body.good()) body.report("pinned", "is missing: give true or false");
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  const auto done = settings::pin_model(context.services.settings, context.actor(), model, *pinned);
  if (!done) return problem_of(context, done.error());
  return answer_to(context, 200, model, true, "There is no local model '" + model + "'.");
}

constexpr std::array<Route, 4> routes = {{
    {"GET", "/api/pool", Needs::viewer, Lane::queries, get_pool},
    {"POST", "/api/pool/{model}/load", Needs::administrator, Lane::settings, post_load},
    {"POST", "/api/pool/{model}/unload", Needs::administrator, Lane::settings, post_unload},
    {"POST", "/api/pool/{model}/pin", Needs::administrator, Lane::settings, post_pin},
}};

}  // namespace

std::span<const Route> pool_routes() {
  return routes;
}

}  // namespace punctual::control
