// The phases of a request that can be limited, by the names that errors, logs, metrics and settings use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace punctual::deadline {

enum class Phase : std::uint8_t {
  total,        // from the parsed head to the last byte of the answer handed to the kernel
  receive,      // from the connection (or the next request's first byte) to the whole request
  queue,        // from admission to a slot
  load,         // from asking for a local model to its being healthy; restarts at progress
  connect,      // TCP and TLS to the upstream
  first_token,  // from the request written to the first event that carries content
  idle,         // between two events that carry content or declared progress; restarts
  attempt,      // one upstream call, from its dispatch to its end
  drain,        // from the client's socket accepting nothing to its accepting something; restarts
};

inline constexpr std::size_t phase_count = 9;

inline constexpr std::array<Phase, phase_count> all_phases = {
    Phase::total,       Phase::receive, Phase::queue,   Phase::load,  Phase::connect,
    Phase::first_token, Phase::idle,    Phase::attempt, Phase::drain,
};

constexpr std::size_t index_of(Phase phase) {
  return static_cast<std::size_t>(phase);
}

std::string_view name_of(Phase phase);
std::optional<Phase> phase_named(std::string_view name);

// What had not happened when the limit of this phase ran out, as in "no first token after 30 seconds".
// Empty for `total`, whose message names no phase.
std::string_view missing_event(Phase phase);

}  // namespace punctual::deadline
