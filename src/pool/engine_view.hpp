// What the pool says of one model, for the management API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deadline/clock.hpp"
#include "pool/engine_state.hpp"

namespace punctual::pool {

struct EngineView {
  std::string name;
  EngineState state = EngineState::unloaded;
  bool pinned = false;
  std::uint64_t memory_bytes = 0;  // what it takes, or would
  bool measured = false;           // and not estimated
  std::string memory_words;        // the sum of the estimate
  std::uint32_t in_flight = 0;     // requests that use it
  std::size_t waiting = 0;         // requests that wait for its load
  std::optional<deadline::Duration> state_for;
  std::optional<deadline::Duration> idle_for;    // ready, and nobody uses it
  std::optional<deadline::Duration> retried_in;  // it failed and is left alone for so long
  std::string problem;                           // why it failed last
  std::vector<std::string> last_lines;           // of its log, after a failure
  std::uint32_t loads = 0;
  std::uint32_t crashes = 0;
  std::uint32_t quarantines = 0;
  std::optional<deadline::Duration> cancel_to_free;  // of the last request that was cancelled
  std::optional<double> load_share;                  // 0 to 1: how far its load is, by its memory
  std::optional<deadline::Duration> ready_in;        // expected, while it loads
  int pid = 0;
};

struct PoolView {
  deadline::Instant at{};  // when it was like this
  std::uint64_t limit_bytes = 0;
  std::uint64_t machine_bytes = 0;
  std::uint64_t used_bytes = 0;
  std::vector<EngineView> engines;  // in the order of the settings
};

}  // namespace punctual::pool
