// What is wrong with a chain: who gives up first, what can never fire, what leaves no room. Inside this
// folder.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chain/chain.hpp"

namespace punctual::chain {

// The id of the layer that is the upstream's own.
inline constexpr std::string_view upstream_id = "upstream";

struct Facts {
  std::size_t targets = 1;  // of the rule
  std::string rule;         // its pattern; empty: none
  std::vector<Finding> observed;
};

// Fills in who gives up first and the findings; the layers are there.
void judge(Chain& chain, const Facts& facts);

}  // namespace punctual::chain
