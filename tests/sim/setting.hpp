// The same limit, set in each of the places that a limit can come from.
#pragma once

#include <string>
#include <string_view>

#include "sim/asking.hpp"
#include "sim/world.hpp"

namespace punctual::simulation {

// Sets `key` ("connect_seconds") to `seconds` where `kind` says, and routes `asking` so that it applies.
// Nothing is set for the default. Returns the source as errors and records name it.
std::string set_limit(deadline::SourceKind kind, std::string_view key, std::string_view seconds,
                      World::Options& options, Asking& asking);

// A rule for the model "ruled" with these targets: {"alpha/sim:never", "beta/sim:tokens=4"}.
std::string rule_of(const std::vector<std::string>& targets, std::string_view timeouts = {});

}  // namespace punctual::simulation
