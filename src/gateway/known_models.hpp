// What a client may ask for by name: the exact patterns of rules, the local models with what their engines
// do, what the providers listed when they were asked last (`Core::models`), the simulated models.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/core.hpp"

namespace punctual::gateway {

struct KnownModel {
  std::string id;
  std::string provider;    // whose it is
  std::string_view state;  // of a local model's engine; empty: it is none
};

// On the core's thread. Each id once.
std::vector<KnownModel> known_models(Core& core);

}  // namespace punctual::gateway
