#include "sim/scenario.hpp"

#include <algorithm>

#include "sim/scenario_limits.hpp"
#include "sim/scenario_models.hpp"

namespace punctual::simulation {

namespace {

using deadline::Duration;
using std::chrono::milliseconds;

net::MemoryStreamOptions draw_narrow(Dice& dice) {
  net::MemoryStreamOptions narrow;
  narrow.capacity_bytes = dice.milliseconds(1, 8192);
  if (dice.chance(50)) narrow.write_bytes_max = dice.milliseconds(1, 2000);
  if (dice.chance(50)) narrow.read_bytes_max = dice.milliseconds(1, 2000);
  return narrow;
}

NetworkWeather draw_weather(Dice& dice) {
  NetworkWeather weather;
  if (dice.chance(50)) return weather;
  if (dice.chance(40)) weather.refused_percent = 20;
  if (dice.chance(40)) weather.hanging_percent = 10;
  if (dice.chance(40)) weather.slow_connect_percent = 30;
  if (dice.chance(40)) weather.delayed_percent = 50;
  if (dice.chance(40)) weather.narrow_percent = 40;
  if (dice.chance(40)) weather.reset_percent = 15;
  return weather;
}

std::string rule_text(const PlannedRequest& request, const std::vector<std::string>& targets,
                      const std::string& timeouts) {
  std::string text =
      "[[rules]]\npriority = 1\nmatch = \"exact\"\npattern = \"" + request.asking.model + "\"\ntargets = [";
  for (const auto& target : targets)
    text += target + ", ";
  return text + "]\n" + (timeouts.empty() ? "" : "timeouts = { " + timeouts + " }\n");
}

PlannedRequest draw_request(Dice& dice, const DrawnSettings& settings, const House* house, std::string id,
                            std::string& rules) {
  static const std::vector<std::string> openai_hosts = {"alpha", "beta", "gamma"};
  PlannedRequest request;
  request.id = std::move(id);
  auto& asking = request.asking;
  asking.route = house ? draw_route(dice) : all_routes[dice.below(all_routes.size())];
  asking.stream = can_stream(asking.route) && dice.chance(70);
  if (dice.chance(8)) asking.minor_version = 0;
  asking.headers = "X-Request-ID: " + request.id + "\r\n";
  const auto host = [&] { return asking.route == Route::messages ? "claude" : dice.pick(openai_hosts); };
  std::optional<std::uint64_t> rule_total_ms;
  if (house && dice.chance(80)) {
    const auto& rule = dice.pick(house->drawn);
    asking.model = rule.pattern;
    rule_total_ms = rule.total_ms;
  } else if (dice.chance(50)) {
    asking.model = host() + "/sim:" + draw_behaviour(dice);
  } else {
    asking.model = "model-" + request.id;
    std::vector<std::string> targets;
    for (auto count = dice.between(1, 3); count > 0; --count) {
      targets.push_back("{ provider = \"" + host() + "\", model = \"sim:" + draw_behaviour(dice) + "\" }");
    }
    const auto timeouts = draw_rule_timeouts(dice, rule_total_ms);
    rules += rule_text(request, targets, timeouts);
  }
  if (dice.chance(3)) asking.model = "nobody-has-this";
  if (dice.chance(3)) asking.members += ",,";
  draw_request_limits(dice, settings, rule_total_ms, request);
  return request;
}

// The bytes of the requests, in as many pieces as chance wants.
void add_sending(Dice& dice, PlannedConnection& connection) {
  std::size_t sent = 0;
  for (auto& request : connection.requests) {
    const std::string text = request.asking.text();
    const std::size_t head_bytes = request.asking.head().size();
    request.head_end = sent + head_bytes;
    sent += text.size();
    request.end = sent;
    Duration wait = dice.chance(30) ? Duration{} : dice.duration(1, 40'000);
    const std::size_t pieces = dice.chance(70) ? 1 : dice.between(2, 6);
    std::size_t at = 0;
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      const std::size_t end = piece + 1 == pieces ? text.size() : at + dice.below(text.size() - at + 1);
      connection.steps.push_back({wait, Step::Kind::send, text.substr(at, end - at), 0, {}});
      at = end;
      wait = dice.chance(90) ? dice.duration(1, 200) : dice.duration(200, 60'000);
    }
    // It stalls for good in the middle of what it says.
    if (dice.chance(4)) {
      auto& last = connection.steps.back().bytes;
      const auto kept = dice.below(last.size() + 1);
      if (kept < last.size()) request.end = SIZE_MAX;
      last.resize(kept);
      connection.requests.erase(std::find_if(connection.requests.begin(), connection.requests.end(),
                                             [&](const auto& other) { return &other == &request; }) +
                                    1,
                                connection.requests.end());
      break;
    }
  }
}

void insert_step(Dice& dice, PlannedConnection& connection, Step step) {
  const auto at = static_cast<std::ptrdiff_t>(dice.below(connection.steps.size() + 1));
  connection.steps.insert(connection.steps.begin() + at, std::move(step));
}

void add_manners(Dice& dice, PlannedConnection& connection) {
  const auto manner = dice.below(100);
  if (manner < 12) {
    connection.reads_at_once = false;
    connection.well_connected = false;
    connection.options.to_client.capacity_bytes = dice.milliseconds(64, 4096);
    insert_step(dice, connection, {dice.duration(1, 3'000), Step::Kind::stop_reading, {}, 0, {}});
    if (dice.chance(60))
      connection.steps.push_back({dice.duration(1, 100'000), Step::Kind::read_all, {}, 0, {}});
  } else if (manner < 24) {
    connection.reads_at_once = false;
    insert_step(dice, connection,
                {Duration{}, Step::Kind::read_slowly, {}, dice.between(50, 5000), dice.duration(10, 5'000)});
  }
  if (dice.chance(30)) {
    static const std::vector<Step::Kind> ways = {Step::Kind::hang_up, Step::Kind::reset,
                                                 Step::Kind::finish_sending};
    connection.leaves = true;
    connection.steps.push_back({dice.duration(1, 60'000), dice.pick(ways), {}, 0, {}});
  }
}

void add_connection_quality(Dice& dice, PlannedConnection& connection) {
  if (dice.chance(60)) return;
  connection.well_connected = false;
  if (dice.chance(50)) connection.options.to_gateway = draw_narrow(dice);
  if (dice.chance(50)) connection.options.to_client = draw_narrow(dice);
  if (dice.chance(40)) connection.options.to_gateway.delay = dice.duration(1, 400);
  if (dice.chance(40)) connection.options.to_client.delay = dice.duration(1, 400);
  if (dice.chance(10)) {
    connection.leaves = true;
    connection.options.to_client.reset_after_bytes = dice.milliseconds(1, 10'000);
  }
}

}  // namespace

Way NetworkWeather::draw(Dice& dice) const {
  Way way;
  if (dice.chance(refused_percent)) way.fate = Way::Fate::refused;
  if (dice.chance(hanging_percent)) way.fate = Way::Fate::hanging;
  if (dice.chance(slow_connect_percent)) way.delay = dice.duration(1, 12'000);
  if (dice.chance(narrow_percent)) way.to_server = draw_narrow(dice);
  if (dice.chance(narrow_percent)) way.to_gateway = draw_narrow(dice);
  if (dice.chance(delayed_percent)) way.to_server.delay = dice.duration(1, 400);
  if (dice.chance(delayed_percent)) way.to_gateway.delay = dice.duration(1, 400);
  if (dice.chance(reset_percent)) way.to_gateway.reset_after_bytes = dice.milliseconds(1, 10'000);
  return way;
}

Scenario draw_scenario(Dice& dice) {
  Scenario scenario;
  const auto settings = draw_settings(dice);
  std::string rules;
  scenario.weather = draw_weather(dice);
  if (dice.chance(60)) scenario.house = draw_house(dice);
  const House* house = scenario.house ? &*scenario.house : nullptr;
  // Who shares targets comes in crowds.
  const auto count = house ? dice.between(2, 10) : dice.between(1, 6);
  const std::uint64_t latest_ms = house && dice.chance(70) ? 3'000 : 30'000;
  for (std::uint64_t c = 0; c < count; ++c) {
    PlannedConnection connection;
    if (dice.chance(70)) connection.connect_after = dice.duration(1, latest_ms);
    const auto requests = dice.chance(50) ? 1 : dice.between(2, 5);
    for (std::uint64_t r = 0; r < requests; ++r) {
      connection.requests.push_back(
          draw_request(dice, settings, house, "c" + std::to_string(c) + "r" + std::to_string(r), rules));
    }
    add_sending(dice, connection);
    add_manners(dice, connection);
    add_connection_quality(dice, connection);
    scenario.connections.push_back(std::move(connection));
  }
  scenario.settings = settings.text + rules;
  if (house) scenario.settings += house->settings + house->rules;
  if (dice.chance(25)) {
    scenario.drain_after = dice.duration(1, 60'000);
    if (dice.chance(80)) scenario.drain_limit = dice.duration(1, 60'000);
  }
  return scenario;
}

}  // namespace punctual::simulation
