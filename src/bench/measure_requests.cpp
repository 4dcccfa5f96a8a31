#include "bench/client.hpp"
#include "bench/measures.hpp"

namespace punctual::bench {

namespace {

// Every connection always has a request under way.
Outcome saturate(const Measurement& measurement) {
  const auto& load = measurement.load;
  const std::string request = request_text({});
  std::size_t connected = 0;
  std::size_t answered = 0;
  std::size_t lost = 0;
  Crowd crowd(measurement.lab, measurement.target.port());
  crowd.hooks.connected = [&](Client& client) {
    ++connected;
    client.send(request);
  };
  crowd.hooks.answered = [&](Client& client) {
    ++answered;
    lost += client.status() != 200;
    client.send(request);
  };
  crowd.hooks.ended = [&](Client&) { ++lost; };
  if (!crowd.gather(load.connections, 1, [&] { return connected; }, opening_limit))
    return std::unexpected("not all connections were accepted");
  measurement.lab.run_for(warm_up);
  const std::size_t requests = time_operations(measurement, "requests, saturated", answered);
  if (lost > 0) return std::unexpected(std::to_string(lost) + " requests were not answered with 200");
  measurement.figures.add("requests, saturated: per second", measurement.target.kind(),
                          static_cast<double>(requests) / deadline::seconds(load.seconds));
  return {};
}

// A request at a time, at a fixed rate, on whichever connection is next.
Outcome pace(const Measurement& measurement) {
  const auto& load = measurement.load;
  const std::string request = request_text({});
  std::size_t connected = 0;
  std::size_t answered = 0;
  std::size_t busy = 0;
  std::size_t next = 0;
  Samples latency;
  Crowd crowd(measurement.lab, measurement.target.port());
  crowd.hooks.connected = [&](Client&) { ++connected; };
  crowd.hooks.answered = [&](Client& client) {
    ++answered;
    latency.add(measurement.lab.now() - client.sent_at());
  };
  if (!crowd.gather(load.connections, 1, [&] { return connected; }, opening_limit))
    return std::unexpected("not all connections were accepted");
  const Ticker ticker(measurement.lab,
                      std::chrono::nanoseconds(std::chrono::seconds(1)) / load.requests_per_second, [&] {
                        auto& client = crowd.at(next++ % crowd.size());
                        if (client.busy()) {
                          ++busy;
                        } else if (!client.finished()) {
                          client.send(request);
                        }
                      });
  measurement.lab.run_for(warm_up);
  latency.clear();
  const std::string name = "requests, " + std::to_string(load.requests_per_second) + "/s";
  time_operations(measurement, name, answered);
  const auto kind = measurement.target.kind();
  measurement.figures.add(name + ": latency p50 ms", kind, milliseconds(latency.quantile(0.5)));
  measurement.figures.add(name + ": latency p99 ms", kind, milliseconds(latency.quantile(0.99)));
  if (busy > 0)
    measurement.figures.note(std::string(name_of(kind)) + ": requests left out, because all were slow");
  return {};
}

}  // namespace

Outcome measure_requests(const Measurement& measurement) {
  measurement.upstream.behave(Behaviour::answer);
  if (auto outcome = saturate(measurement); !outcome) return outcome;
  return pace(measurement);
}

}  // namespace punctual::bench
