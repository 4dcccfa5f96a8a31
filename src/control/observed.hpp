// What the request log and the probes tell of layers that nobody declared, for the chain of timeouts.
// Blocking; at most `observed_limit`, with what is known by then.
#pragma once

#include "chain/observed.hpp"
#include "deadline/clock.hpp"
#include "storage/connection.hpp"

namespace punctual::control {

inline constexpr deadline::Duration observed_limit = std::chrono::seconds(3);

// The connection has a deadline of its own during the call, and none after it.
chain::Observed read_observed(storage::Connection& reader, const deadline::Clock& clock);

}  // namespace punctual::control
