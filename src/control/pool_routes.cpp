// The local models: what is loaded, what it takes, who waits; loading and unloading by hand.
#include <array>

#include "control/answers.hpp"
#include "control/body.hpp"
#include "control/by_hand.hpp"
#include "control/route.hpp"
#include "settings/models.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

bj::object document_of(const pool::EngineView& engine, const config::LocalModel* model) {
  bj::array lines;
  for (const auto& line : engine.last_lines)
    lines.emplace_back(line);
  return {{"model", engine.name},
          {"engine", model ? bj::value(config::name_of(model->engine)) : bj::value(nullptr)},
          {"state", pool::name_of(engine.state)},
          {"pinned", engine.pinned},
          {"slots", model ? model->slots : 0},
          {"context", model ? model->context : 0},
          {"memory_bytes", engine.memory_bytes},
          {"memory_measured", engine.measured},
          {"memory_words", engine.memory_words},
          {"in_flight", engine.in_flight},
          {"waiting", engine.waiting},
          {"state_ms", milliseconds(engine.state_for)},
          {"idle_ms", milliseconds(engine.idle_for)},
          {"retried_in_ms", milliseconds(engine.retried_in)},
          {"problem", engine.problem},
          {"last_lines", std::move(lines)},
          {"loads", engine.loads},
          {"crashes", engine.crashes},
          {"quarantines", engine.quarantines},
          {"cancel_to_free_ms", milliseconds(engine.cancel_to_free)},
          {"load_share", engine.load_share ? bj::value(*engine.load_share) : bj::value(nullptr)},
          {"pid", engine.pid}};
}

Answer busy(Context& context) {
  return problem_answer(context, {503, "The model pool has not answered in time."});
}

Answer get_pool(Context& context) {
  const auto view = context.services.local_models.view(context.request.until);
  if (!view) return busy(context);
  const auto configuration = context.services.settings.current()->configuration;
  bj::array models;
  for (const auto& engine : view->engines)
    models.push_back(document_of(engine, configuration->model_named(engine.name)));
  return json_answer(200, {{"memory_limit_bytes", view->limit_bytes},
                           {"machine_bytes", view->machine_bytes},
                           {"memory_used_bytes", view->used_bytes},
                           {"models", std::move(models)}});
}

Answer answer_to(Context& context, int status, const std::string& model, std::optional<bool> done,
                 std::string_view otherwise) {
  if (!done) return busy(context);
  if (!*done) return problem_answer(context, {404, std::string(otherwise)});
  const auto view = context.services.local_models.view(context.request.until);
  if (!view) return busy(context);
  const auto configuration = context.services.settings.current()->configuration;
  for (const auto& engine : view->engines) {
    if (engine.name == model)
      return json_answer(status, document_of(engine, configuration->model_named(model)));
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
