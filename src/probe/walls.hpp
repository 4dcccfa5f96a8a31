// What probes found, as the chain of timeouts takes it. Pure.
#pragma once

#include <vector>

#include "chain/observed.hpp"
#include "probe/results.hpp"

namespace punctual::probe {

// The walls of one result; none where nothing was cut and nothing held back.
std::vector<chain::ProbedWall> walls_of(const Result& result);

}  // namespace punctual::probe
