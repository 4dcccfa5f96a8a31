// What becomes of a local model's engine, by the names that the API and the UI use.
#pragma once

#include <cstdint>
#include <string_view>

namespace punctual::pool {

enum class EngineState : std::uint8_t {
  unloaded,
  waiting,  // wanted, and there is no memory for it yet
  loading,  // its process runs and is not ready
  ready,
  quarantined,  // it did not let go of a cancelled request: nobody new gets it, and it is started anew
  stopping,     // asked to end; its memory counts until it has
};

std::string_view name_of(EngineState state);

}  // namespace punctual::pool
