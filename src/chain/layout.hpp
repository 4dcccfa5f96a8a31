// A chain's layers, and what is needed to judge it. Inside this folder.
#pragma once

#include "chain/chain.hpp"
#include "chain/findings.hpp"

namespace punctual::chain {

struct Layout {
  Chain chain;  // without a judgement
  Facts facts;
};

Layout lay_out(const config::Configuration& configuration, const Subject& subject, const Observed& observed);

}  // namespace punctual::chain
