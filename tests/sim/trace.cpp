#include "sim/trace.hpp"

#include <cstdio>

namespace punctual::simulation {

namespace {

using deadline::seconds;

// Seconds since the world began.
double when(deadline::Instant at) {
  return seconds(at.time_since_epoch()) - 3600;
}

void print_step(const Step& step) {
  constexpr std::array names = {"send",         "hang up",     "reset",   "finish sending",
                                "stop reading", "read slowly", "read all"};
  std::fprintf(stderr, "  +%.3f %s", seconds(step.wait), names[static_cast<std::size_t>(step.kind)]);
  if (step.kind == Step::Kind::send)
    std::fprintf(stderr, " %zu bytes\n%s", step.bytes.size(), step.bytes.c_str());
  if (step.kind == Step::Kind::read_slowly)
    std::fprintf(stderr, " %zu bytes each %.3f s", step.read_bytes, seconds(step.read_every));
  std::fprintf(stderr, "\n");
}

void print_connection(const Visitor& visitor) {
  const auto& plan = visitor.plan();
  const auto& client = visitor.client();
  std::fprintf(
      stderr, "--- a client, connected at %.6f; to gateway: capacity %zu, delay %.3f; to client: %zu, %.3f\n",
      when(client.connected_at()), plan.options.to_gateway.capacity_bytes,
      seconds(plan.options.to_gateway.delay), plan.options.to_client.capacity_bytes,
      seconds(plan.options.to_client.delay));
  for (const auto& step : plan.steps)
    print_step(step);
  for (const auto& arrival : client.arrivals())
    std::fprintf(stderr, "  got at %.6f: %s\n", when(arrival.at), arrival.bytes.c_str());
  constexpr std::array ends = {"open", "closed", "reset"};
  std::fprintf(stderr, "  its connection: %s%s\n", ends[static_cast<std::size_t>(client.end())],
               client.left() ? ", it left" : "");
}

}  // namespace

void print_trace(World& world, const Scenario& scenario,
                 const std::vector<std::unique_ptr<Visitor>>& visitors) {
  std::fprintf(stderr, "%s\n", scenario.settings.c_str());
  if (scenario.drain_after) {
    std::fprintf(stderr, "shutdown after %.3f s, limit %.3f s\n", seconds(*scenario.drain_after),
                 seconds(scenario.drain_limit.value_or(deadline::Duration(-1))));
  }
  for (const auto& visitor : visitors)
    print_connection(*visitor);
  for (const auto& record : world.records())
    std::fprintf(stderr, "%s\n", boost::json::serialize(record.members).c_str());
}

}  // namespace punctual::simulation
