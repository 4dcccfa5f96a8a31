// What a limit that ran out must look like from everywhere: to the client, in the record, in the metrics, at
// the upstream. One place, so that every test checks all of it.
#pragma once

#include <string>

#include "deadline/deadline.hpp"
#include "sim/asking.hpp"
#include "sim/client.hpp"
#include "sim/reading.hpp"

namespace punctual::simulation {

struct ExpectedTimeout {
  deadline::Phase phase = deadline::Phase::total;
  double limit_seconds = 0;
  std::string source = "default";                              // as errors and records tell it
  deadline::SourceKind kind = deadline::SourceKind::built_in;  // as the metrics count it
  deadline::Instant started{};                                 // when the clock of the phase started
  std::string message = {};                                    // of the error
  int status = 504;
  bool in_stream = false;  // the head was sent before: an error event
  bool delivered = true;   // the client was there to read it
};

// "Request timed out after 5 seconds", "Request timed out: no first token after 5 seconds".
std::string message_of(deadline::Phase phase, std::string_view seconds);

// Runs the world until the request has ended and checks everything. The only request of the world.
void expect_timeout(World& world, Client& client, const Asking& asking, const ExpectedTimeout& expected);

// The document of a problem, wherever it stood.
void expect_problem(const boost::json::object& document, Route route, int status, std::string_view slug,
                    std::string_view message);

// Nothing is under way any more, neither here nor at an upstream.
void expect_quiet(World& world);

// The counter of one outcome at one endpoint.
std::uint64_t counted(const World& world, Route route, telemetry::Outcome outcome);

}  // namespace punctual::simulation
