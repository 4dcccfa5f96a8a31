#include "bench/client.hpp"
#include "bench/measures.hpp"

namespace punctual::bench {

namespace {

constexpr std::size_t streams_open = 20;
constexpr deadline::Duration given_up_after = std::chrono::seconds(1);
constexpr std::size_t given_up_max = 3;

struct State {
  std::string name;
  Behaviour behaviour;
  bool events = false;  // each open stream gets events all the while
};

// Some streams are open; the oldest client leaves, its upstream connection is waited for, a new one comes.
Outcome measure_state(const Measurement& measurement, const State& state) {
  const auto kind = measurement.target.kind();
  auto& lab = measurement.lab;
  measurement.upstream.behave(state.behaviour);
  std::uint64_t leaver = 0;
  bool told = false;
  deadline::Instant told_at{};
  measurement.upstream.on_closed([&](std::uint64_t number, deadline::Instant at) {
    if (number != leaver) return;
    told = true;
    told_at = at;
  });
  Samples delay;
  std::size_t never = 0;
  {
    Crowd crowd(lab, measurement.target.port());
    crowd.hooks.connected = [](Client& client) {
      client.send(request_text({.number = client.number(), .stream = true}));
    };
    constexpr std::uint64_t first = 1;
    if (!crowd.gather(streams_open, first, [&] { return measurement.upstream.waiting(); }, opening_limit))
      return std::unexpected("not all requests reached the upstream");
    std::uint64_t next = first;
    std::unique_ptr<Ticker> ticker;
    if (state.events) {
      // 10 events a second on each stream.
      constexpr auto interval = std::chrono::milliseconds(100) / streams_open;
      ticker = std::make_unique<Ticker>(
          lab, interval, [&] { measurement.upstream.send_event(first + leaver + next++ % streams_open); });
    }
    for (std::size_t i = 0; i < measurement.load.samples && never < given_up_max; ++i) {
      const std::size_t open = measurement.upstream.waiting();
      leaver = first + i;
      told = false;
      const auto left_at = lab.now();
      crowd.at(i).hang_up();
      if (lab.run_until([&] { return told; }, given_up_after)) {
        delay.add(told_at - left_at);
      } else {
        ++never;
      }
      crowd.add(first + streams_open + i);
      // The same number again: the next one is there.
      const auto there = [&] { return measurement.upstream.waiting() >= (told ? open : open + 1); };
      if (!lab.run_until(there, opening_limit))
        return std::unexpected("a request did not reach the upstream");
      constexpr auto between = std::chrono::microseconds(300);
      lab.run_for(between);
    }
  }
  measurement.upstream.on_closed(nullptr);
  const std::string prefix = "hang-up, " + state.name;
  if (delay.size() > 0) {
    measurement.figures.add(prefix + ": p50 ms", kind, milliseconds(delay.quantile(0.5)));
    measurement.figures.add(prefix + ": p99 ms", kind, milliseconds(delay.quantile(0.99)));
  }
  if (never > 0) {
    measurement.figures.note(std::string(name_of(kind)) + ": the upstream was not told within " +
                             std::to_string(given_up_after / std::chrono::seconds(1)) + " s in " +
                             std::to_string(never) + " of " + std::to_string(delay.size() + never) +
                             " cases (" + state.name + ")");
  }
  return {};
}

}  // namespace

Outcome measure_hangup(const Measurement& measurement) {
  const std::array<State, 3> states = {{{"streaming", Behaviour::stream, true},
                                        {"silent after the head", Behaviour::stream, false},
                                        {"no head yet", Behaviour::silent, false}}};
  for (const auto& state : states) {
    if (auto outcome = measure_state(measurement, state); !outcome) return outcome;
    measurement.lab.run_until([&] { return measurement.upstream.waiting() == 0; }, opening_limit);
  }
  return {};
}

}  // namespace punctual::bench
