#include "control/pool_documents.hpp"

#include "control/answers.hpp"

namespace punctual::control {

namespace bj = boost::json;

bj::object pooled_model_document(Services& services, const pool::EngineView& engine) {
  const auto configuration = services.settings.current()->configuration;
  const auto* const model = configuration->model_named(engine.name);
  const auto target = model ? services.targets.known(model->provider.name, engine.name) : nullptr;
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
          {"queued", target ? target->slots->waiting() : 0},
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
          {"ready_in_ms", milliseconds(engine.ready_in)},
          {"pid", engine.pid}};
}

bj::object pool_document(Services& services, const pool::PoolView& view) {
  bj::array models;
  models.reserve(view.engines.size());
  for (const auto& engine : view.engines)
    models.push_back(pooled_model_document(services, engine));
  return {{"memory_limit_bytes", view.limit_bytes},
          {"machine_bytes", view.machine_bytes},
          {"memory_used_bytes", view.used_bytes},
          {"models", std::move(models)}};
}

}  // namespace punctual::control
