// What is wrong with a chain: who gives up first, what can never fire, what leaves no room. Inside this
// folder.
#pragma once

#include <cstddef>
#include <optional>

#include "chain/chain.hpp"

namespace punctual::chain {

struct Facts {
  std::optional<double> heartbeat_seconds;  // of a silent stream; nothing: none are sent
  std::size_t targets = 1;                  // of the rule
};

// Fills in who gives up first and the findings; the layers are there.
void judge(Chain& chain, const Facts& facts);

}  // namespace punctual::chain
