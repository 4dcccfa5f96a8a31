#include "sim/scenario_house.hpp"

#include "sim/scenario_limits.hpp"
#include "sim/scenario_models.hpp"

namespace punctual::simulation {

namespace {

const std::vector<std::string> hosts = {"alpha", "beta", "gamma", "claude"};

std::string providers_text(Dice& dice, House& house) {
  std::string text;
  for (const auto& host : hosts) {
    text += "[[providers]]\nname = \"" + host + "\"\nkind = \"" +
            (host == "claude" ? "anthropic" : "openai") + "\"\nbase_url = \"http://" + host + "/v1\"\n";
    auto& slots = house.slots[host];
    if (dice.chance(40)) continue;
    slots = {static_cast<std::uint32_t>(dice.between(1, 3)), static_cast<std::uint32_t>(dice.below(5))};
    text += "in_flight_max = " + std::to_string(slots.in_flight_max) +
            "\nwaiting_max = " + std::to_string(slots.waiting_max) + "\n";
  }
  return text;
}

std::string breaker_text(Dice& dice) {
  if (dice.chance(30)) return {};
  std::string text = "[breaker]\nfailures_in_a_row = " + std::to_string(dice.chance(40) ? 1 : dice.below(5));
  if (dice.chance(50)) text += "\nerror_share = 0." + std::to_string(dice.below(10));
  if (dice.chance(50)) text += "\ncalls_min = " + std::to_string(dice.between(1, 5));
  if (dice.chance(50)) text += "\nwindow_seconds = " + seconds_text(dice.milliseconds(500, 60'000));
  const auto open = dice.milliseconds(500, 20'000);
  text += "\nopen_seconds = " + seconds_text(open);
  if (dice.chance(50)) text += "\nopen_max_seconds = " + seconds_text(open + dice.milliseconds(1, 30'000));
  return text + "\n";
}

std::string retries_text(Dice& dice, House& house) {
  if (dice.chance(40)) return {};
  const auto share = dice.chance(40) ? 0 : dice.between(1, 9);
  const auto per_second = dice.chance(40) ? 0 : dice.between(1, 9);
  house.retry_share = static_cast<double>(share) / 10;
  house.retries_per_second = static_cast<double>(per_second) / 10;
  house.back_off_ms = dice.chance(20) ? 0 : dice.milliseconds(1, 5'000);
  return "[retries]\nshare = 0." + std::to_string(share) + "\nper_second = 0." + std::to_string(per_second) +
         "\nback_off_seconds = " + seconds_text(house.back_off_ms) + "\n";
}

HouseTarget draw_target(Dice& dice, std::size_t number) {
  std::string behaviour;
  if (dice.chance(50)) {
    behaviour = draw_behaviour(dice);
  } else {
    behaviour = "tokens=" + std::to_string(dice.below(30)) +
                ",ttft_ms=" + std::to_string(dice.milliseconds(1, 5'000)) +
                ",itl_ms=" + std::to_string(dice.milliseconds(1, 1'000));
  }
  return {dice.pick(hosts), "sim:" + behaviour + ",from=" + std::to_string(1000 * (number + 1))};
}

void draw_rule(Dice& dice, std::vector<HouseTarget> pool, House& house) {
  static const std::vector<std::string> balances = {"in_order", "weighted", "least_loaded"};
  HouseRule rule;
  rule.pattern = "house-" + std::to_string(house.drawn.size());
  std::string targets;
  for (auto count = dice.between(2, 4); count > 0 && !pool.empty(); --count) {
    const auto place = dice.below(pool.size());
    const auto target = pool[place];
    pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(place));
    rule.targets.push_back(target);
    targets += "{ provider = \"" + target.provider + "\", model = \"" + target.model + "\"";
    if (dice.chance(50)) targets += ", weight = " + std::to_string(dice.below(4));
    targets += " }, ";
  }
  rule.retries_max = static_cast<std::uint32_t>(dice.below(4));
  const auto timeouts = draw_rule_timeouts(dice, rule.total_ms);
  house.rules += "[[rules]]\npriority = 1\nmatch = \"exact\"\npattern = \"" + rule.pattern +
                 "\"\nbalance = \"" + dice.pick(balances) +
                 "\"\nretries_max = " + std::to_string(rule.retries_max) +
                 (dice.chance(40) ? "\nstream_upstream = true" : "") + "\ntargets = [" + targets + "]\n" +
                 (timeouts.empty() ? "" : "timeouts = { " + timeouts + " }\n");
  house.drawn.push_back(std::move(rule));
}

}  // namespace

const HouseRule* House::rule(const std::string& pattern) const {
  for (const auto& rule : drawn) {
    if (rule.pattern == pattern) return &rule;
  }
  return nullptr;
}

House draw_house(Dice& dice) {
  House house;
  house.providers = providers_text(dice, house);
  house.settings = breaker_text(dice) + retries_text(dice, house);
  std::vector<HouseTarget> pool;
  for (auto count = dice.between(2, 6); count > 0; --count)
    pool.push_back(draw_target(dice, pool.size()));
  for (auto count = dice.between(1, 3); count > 0; --count)
    draw_rule(dice, pool, house);
  return house;
}

Route draw_route(Dice& dice) {
  static const std::vector<Route> routes = {Route::chat,        Route::chat,      Route::messages,
                                            Route::messages,    Route::responses, Route::responses,
                                            Route::completions, Route::embeddings};
  return dice.pick(routes);
}

}  // namespace punctual::simulation
