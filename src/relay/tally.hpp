// What passed through a relay: the counts and times that the record and the metrics want.
#pragma once

#include <cstdint>
#include <optional>

#include "api/content.hpp"
#include "deadline/clock.hpp"

namespace punctual::relay {

struct Tally {
  std::optional<deadline::Instant> first_token_at;
  std::uint64_t content_events = 0;
  std::uint64_t heartbeats = 0;
  bool upstream_error_event = false;
  api::Usage usage;
};

}  // namespace punctual::relay
