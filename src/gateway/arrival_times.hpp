// How long each target usually takes to its first token: what a fallback must have left to be worth trying.
//
// A moving average per provider and model, weight 1/8, learnt from answers alone. Bounded: beyond
// `targets_max` nothing new is learnt. One thread only.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"

namespace punctual::gateway {

class ArrivalTimes {
 public:
  static constexpr std::size_t targets_max = 1024;

  void learn(std::string_view provider, std::string_view model, deadline::Duration first_token);
  // Zero where nothing is known.
  deadline::Duration usual(std::string_view provider, std::string_view model) const;

 private:
  std::map<std::string, std::map<std::string, deadline::Duration, std::less<>>, std::less<>> known_;
  std::size_t count_ = 0;
};

}  // namespace punctual::gateway
