// The names that the built-in simulation answers to.
#pragma once

#include <array>
#include <string_view>

namespace punctual::routing {

// Friendly ones, for lists; "sim:" with options (tokens=64,ttft_ms=200) works too.
inline constexpr std::array<std::string_view, 4> simulated_models = {"sim-fast", "sim-slow", "sim-stalls",
                                                                     "sim-sql"};

inline constexpr bool is_simulated(std::string_view model) {
  return model.starts_with("sim:") || model.starts_with("sim-");
}

}  // namespace punctual::routing
