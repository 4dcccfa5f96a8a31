#include "pool/engine_state.hpp"

namespace punctual::pool {

std::string_view name_of(EngineState state) {
  switch (state) {
    case EngineState::unloaded:
      return "unloaded";
    case EngineState::waiting:
      return "waiting";
    case EngineState::loading:
      return "loading";
    case EngineState::ready:
      return "ready";
    case EngineState::quarantined:
      return "quarantined";
    case EngineState::stopping:
      return "stopping";
  }
  return "unloaded";
}

}  // namespace punctual::pool
