// The local models as settings; what is loaded of them is in pool_routes.cpp.
#include <unistd.h>

#include <array>

#include "control/answers.hpp"
#include "control/if_match.hpp"
#include "control/route.hpp"
#include "pool/gguf.hpp"
#include "pool/memory_need.hpp"
#include "pool/model_program.hpp"
#include "settings/models.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;
using settings::GivenBy;
using settings::Section;

Answer model_answer(const Context& context, int status, const std::string& id) {
  const auto snapshot = context.services.settings.current();
  const auto* model = settings::model_of_id(*snapshot, id);
  if (!model) return problem_answer(context, {404, "There is no local model of the id " + id + "."});
  return versioned_answer(status, settings::model_document(*model),
                          snapshot->stored.version_of(Section::models));
}

Answer get_models(Context& context) {
  const auto snapshot = context.services.settings.current();
  return versioned_answer(200, settings::models_document(*snapshot),
                          snapshot->stored.version_of(Section::models));
}

Answer get_model(Context& context) {
  return model_answer(context, 200, context.arguments[0]);
}

Answer post_model(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto id = settings::create_model(context.services.settings, context.actor(), *if_match, context.body,
                                         GivenBy::api);
  if (!id) return problem_of(context, id.error());
  return model_answer(context, 201, *id);
}

Answer put_model(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto changed = settings::replace_model(context.services.settings, context.actor(), *if_match,
                                               context.arguments[0], context.body);
  if (!changed) return problem_of(context, changed.error());
  return model_answer(context, 200, context.arguments[0]);
}

Answer delete_model(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto deleted =
      settings::delete_model(context.services.settings, context.actor(), *if_match, context.arguments[0]);
  return deleted ? no_content() : problem_of(context, deleted.error());
}

// What is known of the file, for people who do not know which of theirs it is.
bj::value file_document(const config::LocalModel& model) {
  if (!model.file.ends_with(".gguf")) return nullptr;
  const auto file = pool::read_gguf(model.file);
  if (!file) return nullptr;
  return bj::object{{"architecture", file->architecture},     {"title", file->name},
                    {"quantisation", file->quantisation},     {"kind", pool::name_of(file->kind)},
                    {"context_length", file->context_length}, {"bytes", file->file_bytes}};
}

Answer estimate_model(Context& context) {
  const auto draft = settings::draft_model(context.services.settings, context.body, GivenBy::api);
  if (!draft) return problem_of(context, draft.error());
  const auto& model = **draft;
  const auto need = pool::memory_need(model);
  const auto view = context.services.local_models.view(context.request.until);
  if (!view) return problem_answer(context, {503, "The model pool has not answered in time."});
  const auto program = pool::program_of(model, environ);
  return json_answer(200, {{"memory_bytes", need.bytes},
                           {"memory_words", need.words},
                           {"problem", need.problem},
                           {"memory_limit_bytes", view->limit_bytes},
                           {"fits", need.problem.empty() && need.bytes <= view->limit_bytes},
                           {"program", program.name},
                           {"program_path", program.path},
                           {"program_advice", program.advice},
                           {"file", file_document(model)}});
}

constexpr std::array<Route, 6> routes = {{
    {"GET", "/api/settings/models", Needs::viewer, Lane::settings, get_models},
    {"POST", "/api/settings/models", Needs::administrator, Lane::settings, post_model},
    {"GET", "/api/settings/models/{id}", Needs::viewer, Lane::settings, get_model},
    {"PUT", "/api/settings/models/{id}", Needs::administrator, Lane::settings, put_model},
    {"DELETE", "/api/settings/models/{id}", Needs::administrator, Lane::settings, delete_model},
    {"POST", "/api/settings/models/estimate", Needs::administrator, Lane::queries, estimate_model},
}};

}  // namespace

std::span<const Route> model_routes() {
  return routes;
}

}  // namespace punctual::control
