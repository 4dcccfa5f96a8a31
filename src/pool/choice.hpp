// Which engines leave for the memory that another one needs. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "deadline/clock.hpp"

namespace punctual::pool {

// One that is loaded.
struct Resident {
  std::uint64_t bytes = 0;
  deadline::Instant last_used{};
  deadline::Instant ready_since{};
  bool pinned = false;
  bool busy = false;     // a request uses it or waits for it
  bool leaving = false;  // its memory will be free soon anyway
};

struct Need {
  std::uint64_t bytes = 0;
  std::uint64_t limit = 0;
  deadline::Duration residence_min{};  // against thrash: how long one stays at least
  bool even_if_not_enough = false;     // nobody waits for it: the limit was lowered
};

// The places of those that are to leave, the least recently used first; empty: there is room already, or
// soon, when those that leave have left. Nothing: all that may leave would not be enough now.
std::optional<std::vector<std::size_t>> who_leaves(std::span<const Resident> residents, const Need& need,
                                                   deadline::Instant now);

}  // namespace punctual::pool
