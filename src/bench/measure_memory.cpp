#include "bench/client.hpp"
#include "bench/measures.hpp"

namespace punctual::bench {

namespace {

double growth(std::uint64_t before, std::uint64_t after, std::size_t streams) {
  return (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(streams);
}

}  // namespace

Outcome measure_memory(const Measurement& measurement) {
  auto* process = measurement.target.process();
  if (!process) return {};
  measurement.upstream.behave(Behaviour::stream);
  const std::size_t count = measurement.load.open_streams;
  std::size_t received = 0;
  std::size_t lost = 0;
  constexpr std::uint64_t first = 1;
  constexpr auto settling = std::chrono::milliseconds(300);
  const auto open = [&](Crowd& crowd, std::size_t streams) {
    crowd.hooks.connected = [](Client& client) {
      client.send(request_text({.number = client.number(), .stream = true}));
    };
    crowd.hooks.event = [&](Client&, deadline::Instant) { ++received; };
    crowd.hooks.ended = [&](Client&) { ++lost; };
    received = 0;
    return crowd.gather(streams, first, [&] { return received; }, opening_limit);
  };
  {
    // What the first streams of a process need is not what each of them needs.
    constexpr std::size_t some = 20;
    Crowd crowd(measurement.lab, measurement.target.port());
    if (!open(crowd, some)) return std::unexpected("not all streams began");
  }
  measurement.lab.run_for(settling);
  const Memory before = process->memory();
  Crowd crowd(measurement.lab, measurement.target.port());
  if (!open(crowd, count)) {
    return std::unexpected("only " + std::to_string(received) + " of " + std::to_string(count) +
                           " streams began, " + std::to_string(lost) + " ended early");
  }
  measurement.lab.run_for(settling);
  const Memory after = process->memory();
  const auto kind = measurement.target.kind();
  const std::string name = "memory, " + std::to_string(count) + " streams: ";
  measurement.figures.add(name + "RSS bytes each", kind,
                          growth(before.resident_bytes, after.resident_bytes, count));
  measurement.figures.add(name + "PSS bytes each", kind,
                          growth(before.proportional_bytes, after.proportional_bytes, count));
  measurement.figures.add(name + "anonymous bytes each", kind,
                          growth(before.anonymous_bytes, after.anonymous_bytes, count));
  measurement.figures.add("memory, idle process: RSS MB", kind,
                          static_cast<double>(before.resident_bytes) / 1e6);
  return {};
}

}  // namespace punctual::bench
