// The part of a scenario that several requests share: a few models behind rules with several targets, slots,
// breakers and a retry budget. Each model numbers its words from elsewhere, so that text tells its target.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/asking.hpp"
#include "sim/dice.hpp"

namespace punctual::simulation {

struct HouseTarget {
  std::string provider;
  std::string model;
};

struct HouseRule {
  std::string pattern;
  std::vector<HouseTarget> targets;
  std::uint32_t retries_max = 0;
  std::optional<std::uint64_t> total_ms;
};

struct House {
  struct Slots {
    std::uint32_t in_flight_max = 0;  // 0: any number
    std::uint32_t waiting_max = 100;
  };

  std::string settings;   // [breaker], [retries]
  std::string providers;  // all four
  std::string rules;
  std::vector<HouseRule> drawn;
  std::map<std::string, Slots> slots;  // by provider
  double retry_share = 0.2;
  double retries_per_second = 10;
  std::uint64_t back_off_ms = 250;

  const HouseRule* rule(const std::string& pattern) const;
};

House draw_house(Dice& dice);
Route draw_route(Dice& dice);

}  // namespace punctual::simulation
