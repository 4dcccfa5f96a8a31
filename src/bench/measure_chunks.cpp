#include "bench/client.hpp"
#include "bench/measures.hpp"

namespace punctual::bench {

namespace {

// Streams that have all had their first event.
class OpenStreams {
 public:
  explicit OpenStreams(const Measurement& measurement)
      : measurement_(measurement), crowd_(measurement.lab, measurement.target.port()) {
    crowd_.hooks.connected = [](Client& client) {
      client.send(request_text({.number = client.number(), .stream = true}));
    };
    crowd_.hooks.ended = [this](Client&) { ++lost; };
    crowd_.hooks.event = [this](Client& client, deadline::Instant sent) {
      ++received;
      transit.add(measurement_.lab.now() - sent);
      if (answering && !measurement_.upstream.send_event(client.number())) ++lost;
    };
  }

  bool open(std::size_t count) {
    return crowd_.gather(count, first, [this] { return received; }, opening_limit);
  }

  static constexpr std::uint64_t first = 1;
  Samples transit;
  std::size_t received = 0;
  std::size_t lost = 0;
  bool answering = false;  // each event that arrives makes the upstream send the next

 private:
  const Measurement& measurement_;
  Crowd crowd_;
};

Outcome pace(const Measurement& measurement) {
  const auto& load = measurement.load;
  OpenStreams streams(measurement);
  if (!streams.open(load.streams)) return std::unexpected("not all streams began");
  std::uint64_t next = 0;
  const auto interval =
      std::chrono::nanoseconds(std::chrono::seconds(1)) / (load.streams * load.events_per_second);
  const Ticker ticker(measurement.lab, interval, [&] {
    if (!measurement.upstream.send_event(OpenStreams::first + next++ % load.streams)) ++streams.lost;
  });
  measurement.lab.run_for(warm_up);
  streams.transit.clear();
  const std::string name =
      "chunks, " + std::to_string(load.streams) + " x " + std::to_string(load.events_per_second) + "/s";
  time_operations(measurement, name, streams.received);
  if (streams.lost > 0) return std::unexpected(std::to_string(streams.lost) + " streams or events were lost");
  const auto kind = measurement.target.kind();
  measurement.figures.add(name + ": transit p50 ms", kind, milliseconds(streams.transit.quantile(0.5)));
  measurement.figures.add(name + ": transit p99 ms", kind, milliseconds(streams.transit.quantile(0.99)));
  return {};
}

// On every stream one event is always under way: the next is sent when it has arrived, so that each is read
// and written by itself.
Outcome saturate(const Measurement& measurement) {
  const auto& load = measurement.load;
  OpenStreams streams(measurement);
  streams.answering = true;
  if (!streams.open(load.connections)) return std::unexpected("not all streams began");
  measurement.lab.run_for(warm_up);
  const std::size_t events = time_operations(measurement, "chunks, saturated", streams.received);
  if (streams.lost > 0) return std::unexpected(std::to_string(streams.lost) + " streams or events were lost");
  measurement.figures.add("chunks, saturated: per second", measurement.target.kind(),
                          static_cast<double>(events) / deadline::seconds(load.seconds));
  return {};
}

}  // namespace

Outcome measure_chunks(const Measurement& measurement) {
  measurement.upstream.behave(Behaviour::stream);
  if (auto outcome = pace(measurement); !outcome) return outcome;
  const bool quiet =
      measurement.lab.run_until([&] { return measurement.upstream.waiting() == 0; }, opening_limit);
  if (!quiet) return std::unexpected("streams stay open although their clients left");
  return saturate(measurement);
}

}  // namespace punctual::bench
