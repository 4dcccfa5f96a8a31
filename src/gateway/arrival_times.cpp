#include "gateway/arrival_times.hpp"

namespace punctual::gateway {

void ArrivalTimes::learn(std::string_view provider, std::string_view model, deadline::Duration first_token) {
  auto place = known_.find(provider);
  if (place == known_.end())
    place = known_.emplace(provider, std::map<std::string, deadline::Duration, std::less<>>{}).first;
  const auto target = place->second.find(model);
  if (target != place->second.end()) {
    target->second += (first_token - target->second) / 8;
  } else if (count_ < targets_max) {
    place->second.emplace(model, first_token);
    ++count_;
  }
}

deadline::Duration ArrivalTimes::usual(std::string_view provider, std::string_view model) const {
  const auto place = known_.find(provider);
  if (place == known_.end()) return {};
  const auto target = place->second.find(model);
  return target == place->second.end() ? deadline::Duration{} : target->second;
}

}  // namespace punctual::gateway
