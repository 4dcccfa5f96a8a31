// What was observed as layers of a chain, and what contradicts what is declared. Inside this folder.
#pragma once

#include <vector>

#include "chain/chain.hpp"

namespace punctual::chain {

// What clients announced and what was learnt from their hang-ups; behind each other, for the outside.
std::vector<Layer> layers_of_clients(const Observed& observed, config::Endpoint endpoint, bool stream);

// `fronts`: the layers of what stands in front. A wall takes the place of the value that is assumed of its
// layer; it is a layer of its own where it belongs to none of them, or to one of which another value is
// declared, which is a finding.
struct Walls {
  std::vector<Layer> layers;
  std::vector<Finding> findings;
};
Walls apply_walls(const Observed& observed, const config::Configuration& configuration, bool stream,
                  std::vector<Layer>& fronts);

}  // namespace punctual::chain
