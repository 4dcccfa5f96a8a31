// Drawn behaviours of upstream models.
#pragma once

#include <string>

#include "sim/dice.hpp"

namespace punctual::simulation {

// Options of a simulated model, without the prefix: "tokens=7,ttft_ms=20".
std::string draw_behaviour(Dice& dice);

}  // namespace punctual::simulation
