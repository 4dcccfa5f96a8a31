// What must hold of every request of a seeded run, however it went: the promises of the deadline model,
// checked from outside, against the client's bytes, the record and the counters.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario.hpp"
#include "sim/visitor.hpp"

namespace punctual::simulation {

// Sentences about what is broken; none when all is well.
using Violations = std::vector<std::string>;

// Each request with its answer and its record. The run is over.
void judge_requests(World& world, const std::vector<std::unique_ptr<Visitor>>& visitors,
                    Violations& violations);

// What each request did to its upstreams, as they saw it.
void judge_calls(World& world, const Scenario& scenario, Violations& violations);

// How many calls an attempt was: none where it was passed over, or ended in the queue, which its record does
// not always tell.
struct CallsOf {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};
CallsOf calls_of(const RecordLine& record, const RecordLine& attempt);

// The counters are the sums of the records, and nothing is left over.
void judge_sums(World& world, Violations& violations);

}  // namespace punctual::simulation
