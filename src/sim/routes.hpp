// What is found where; with and without "/v1" in front.
#pragma once

#include <cstdint>
#include <string_view>

namespace punctual::sim {

enum class Route : std::uint8_t {
  none,
  chat,
  completions,
  embeddings,
  messages,
  models,
  model,  // one of them; its name is behind `model_prefix`
  health,
  stats,
};

inline constexpr std::string_view model_prefix = "/models/";

// `path` loses its "/v1".
Route route_of(std::string_view& path);

// The method that the route wants.
std::string_view method_of(Route route);

}  // namespace punctual::sim
