#include <charconv>

#include "bench/client.hpp"
#include "bench/measures.hpp"

namespace punctual::bench {

namespace {

constexpr std::size_t location_count = 50;
constexpr deadline::Duration shortest = std::chrono::milliseconds(3000);
constexpr deadline::Duration spread = std::chrono::milliseconds(2000);

// What the gateway has measured itself: the mean, and the bound below which 99 % are.
struct OwnView {
  double mean_seconds = 0;
  double p99_bound_seconds = 0;
  std::uint64_t count = 0;
};

double number_after(std::string_view text, std::string_view name) {
  const auto found = text.find(name);
  if (found == std::string_view::npos) return 0;
  double value = 0;
  text.remove_prefix(found + name.size());
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

OwnView own_view(std::string_view metrics) {
  constexpr std::string_view count_name = "punctual_deadline_lateness_seconds_count ";
  constexpr std::string_view sum_name = "punctual_deadline_lateness_seconds_sum ";
  constexpr std::string_view bucket_name = "punctual_deadline_lateness_seconds_bucket{le=\"";
  constexpr double share = 0.99;
  OwnView view;
  view.count = static_cast<std::uint64_t>(number_after(metrics, count_name));
  if (view.count == 0) return view;
  view.mean_seconds = number_after(metrics, sum_name) / static_cast<double>(view.count);
  for (auto at = metrics.find(bucket_name); at != std::string_view::npos;
       at = metrics.find(bucket_name, at + 1)) {
    const auto bucket = metrics.substr(at);
    const double below = number_after(bucket, "} ");
    if (below < share * static_cast<double>(view.count)) continue;
    view.p99_bound_seconds = number_after(bucket, bucket_name);
    break;
  }
  return view;
}

OwnView ask(const Measurement& measurement) {
  OwnView view;
  bool answered = false;
  Crowd crowd(measurement.lab, measurement.target.port());
  crowd.hooks.connected = [](Client& client) {
    client.keep_body();
    client.send("GET /metrics HTTP/1.1\r\nHost: bench\r\n\r\n");
  };
  crowd.hooks.answered = [&](Client& client) {
    view = own_view(client.body());
    answered = true;
  };
  crowd.add(0);
  measurement.lab.run_until([&] { return answered; }, opening_limit);
  return view;
}

Outcome measure_state(const Measurement& measurement, Behaviour behaviour, const std::string& name) {
  const auto kind = measurement.target.kind();
  const std::size_t count = measurement.load.open_streams;
  const auto limits = lateness_limits();
  const bool gateway = kind == TargetKind::punctual;
  measurement.upstream.behave(behaviour);
  const auto limit_of = [&](std::uint64_t number) -> deadline::Duration {
    if (!gateway) return limits[number % limits.size()];
    return shortest + spread * (number - 1) / count;
  };
  std::size_t fired = 0;
  Samples late;
  std::vector<bool> seen(count + 1);
  const auto fire = [&](Client& client) {
    if (seen[client.number()]) return;
    seen[client.number()] = true;
    ++fired;
    // nginx restarts its limit at each byte of the upstream: it counts from the event, which came at once.
    late.add(measurement.lab.now() - client.sent_at() - limit_of(client.number()));
  };
  Crowd crowd(measurement.lab, measurement.target.port());
  crowd.hooks.connected = [&](Client& client) {
    RequestShape shape{.number = client.number(), .stream = true};
    const std::string path = "/limit/" + std::to_string(client.number() % limits.size()) + "/chat";
    if (gateway) {
      shape.timeout = limit_of(client.number());
    } else {
      shape.path = path;
    }
    client.send(request_text(shape));
  };
  crowd.hooks.answered = fire;
  crowd.hooks.error_event = fire;
  crowd.hooks.ended = fire;
  // One after the other: a request that waits for others in the proxy's queue has no running limit yet.
  if (!crowd.gather(count, 1, [&] { return measurement.upstream.waiting() + fired; }, opening_limit, 1))
    return std::unexpected("not all requests reached the upstream");
  const bool in_time = fired == 0;
  const auto longest = shortest + spread + std::chrono::seconds(3);
  const bool all = measurement.lab.run_until([&] { return fired == count; }, longest);
  if (!all) {
    measurement.figures.note(std::string(name_of(kind)) + ": " + std::to_string(count - fired) +
                             " limits never fired (" + name + ")");
  }
  if (!in_time) {
    measurement.figures.note(std::string(name_of(kind)) +
                             ": the first limits fired before the last request was sent (" + name + ")");
  }
  const std::string prefix = "lateness, " + std::to_string(count) + ", " + name;
  measurement.figures.add(prefix + ": min ms", kind, milliseconds(late.quantile(0)));
  measurement.figures.add(prefix + ": p50 ms", kind, milliseconds(late.quantile(0.5)));
  measurement.figures.add(prefix + ": p99 ms", kind, milliseconds(late.quantile(0.99)));
  measurement.figures.add(prefix + ": max ms", kind, milliseconds(late.quantile(1)));
  return {};
}

}  // namespace

std::vector<deadline::Duration> lateness_limits() {
  std::vector<deadline::Duration> limits;
  limits.reserve(location_count);
  for (std::size_t i = 0; i < location_count; ++i)
    limits.push_back(shortest + spread * i / location_count);
  return limits;
}

Outcome measure_lateness(const Measurement& measurement) {
  if (!measurement.target.process() || measurement.target.kind() == TargetKind::nginx_log) return {};
  if (auto outcome = measure_state(measurement, Behaviour::silent, "no answer"); !outcome) return outcome;
  measurement.lab.run_until([&] { return measurement.upstream.waiting() == 0; }, opening_limit);
  if (auto outcome = measure_state(measurement, Behaviour::stream, "mid-stream"); !outcome) return outcome;
  if (measurement.target.kind() != TargetKind::punctual) return {};
  const OwnView view = ask(measurement);
  const auto kind = measurement.target.kind();
  measurement.figures.add("lateness, by /metrics: mean ms", kind, view.mean_seconds * 1e3);
  measurement.figures.add("lateness, by /metrics: p99 ms at most", kind, view.p99_bound_seconds * 1e3);
  return {};
}

}  // namespace punctual::bench
