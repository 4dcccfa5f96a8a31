// What happens in one seeded run: settings, networks, clients and what they do, all drawn before it begins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/asking.hpp"
#include "sim/client.hpp"
#include "sim/dice.hpp"
#include "sim/host_network.hpp"
#include "sim/scenario_house.hpp"

namespace punctual::simulation {

// One request, and what the scenario says of its whole budget.
struct PlannedRequest {
  std::string id;  // sent as X-Request-ID, so that its record is found
  Asking asking;
  deadline::Duration total{};  // what must be in force
  std::string total_source;
  deadline::Duration total_before_body{};  // while neither model nor body are known
  std::size_t head_end = 0;  // bytes of its connection up to the end of its head, and of the whole
  std::size_t end = 0;
};

// One thing that a client does, `wait` after the one before.
struct Step {
  enum class Kind : std::uint8_t {
    send,
    hang_up,
    reset,
    finish_sending,
    stop_reading,
    read_slowly,
    read_all
  };
  deadline::Duration wait{};
  Kind kind = Kind::send;
  std::string bytes;
  std::size_t read_bytes = 0;
  deadline::Duration read_every{};
};

struct PlannedConnection {
  deadline::Duration connect_after{};
  ClientOptions options;
  std::vector<PlannedRequest> requests;
  std::vector<Step> steps;
  bool leaves = false;         // before the end, by itself
  bool reads_at_once = true;   // all that comes, always, over a connection with room
  bool well_connected = true;  // without delays, resets and small buffers
};

// How well the hosts are reached; drawn again for each connection.
struct NetworkWeather {
  int refused_percent = 0;
  int hanging_percent = 0;
  int slow_connect_percent = 0;
  int delayed_percent = 0;
  int narrow_percent = 0;
  int reset_percent = 0;

  bool delays() const { return delayed_percent > 0; }
  Way draw(Dice& dice) const;
};

struct Scenario {
  std::string settings;
  std::optional<House> house;  // in about half of them
  NetworkWeather weather;
  std::vector<PlannedConnection> connections;
  std::optional<deadline::Duration> drain_after;
  std::optional<deadline::Duration> drain_limit;
};

Scenario draw_scenario(Dice& dice);

// The longest delay that a drawn network may have.
inline constexpr deadline::Duration delay_max = std::chrono::milliseconds(400);

}  // namespace punctual::simulation
