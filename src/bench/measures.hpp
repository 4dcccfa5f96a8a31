// The five measurements. Each loads one target, and adds its figures; the error is one sentence.
//
// A target is fresh, the upstream has no session open. What each figure means: docs/benchmarks.md.
#pragma once

#include <expected>
#include <string>

#include "bench/figures.hpp"
#include "bench/lab.hpp"
#include "bench/target.hpp"
#include "bench/upstream.hpp"

namespace punctual::bench {

// How much load, and for how long.
struct LoadOptions {
  deadline::Duration seconds = std::chrono::seconds(2);  // of each timed part
  std::size_t connections = 64;                          // saturated: requests, or streams, at a time
  std::size_t requests_per_second = 1000;                // paced
  std::size_t streams = 1000;                            // paced
  std::size_t events_per_second = 10;                    // of each paced stream
  std::size_t open_streams = 5000;                       // of `memory` and `lateness`
  std::size_t samples = 1000;                            // of `hangup`, for each state
};

struct Measurement {
  Lab& lab;
  Upstream& upstream;
  Target& target;
  const LoadOptions& load;
  Figures& figures;
};

using Outcome = std::expected<void, std::string>;

Outcome measure_requests(const Measurement& measurement);
Outcome measure_chunks(const Measurement& measurement);
Outcome measure_memory(const Measurement& measurement);
Outcome measure_lateness(const Measurement& measurement);
Outcome measure_hangup(const Measurement& measurement);

// The limits of nginx' locations for `lateness`: it has no limit per request.
std::vector<deadline::Duration> lateness_limits();

// Before the timed part of a measurement, so that pools and caches are filled.
inline constexpr deadline::Duration warm_up = std::chrono::milliseconds(300);
// To open what a measurement needs.
inline constexpr deadline::Duration opening_limit = std::chrono::seconds(20);

// Lets the loop run for load.seconds and adds the CPU time that the target used, as microseconds per
// operation, of which `count` tells the number so far; returns how many operations there were.
std::size_t time_operations(const Measurement& measurement, std::string_view figure,
                            const std::size_t& count);

}  // namespace punctual::bench
