// A seeded run for people: what was planned, what each client got and when, and the records.
#pragma once

#include <memory>
#include <vector>

#include "sim/scenario.hpp"
#include "sim/visitor.hpp"

namespace punctual::simulation {

// To the standard error.
void print_trace(World& world, const Scenario& scenario,
                 const std::vector<std::unique_ptr<Visitor>>& visitors);

}  // namespace punctual::simulation
