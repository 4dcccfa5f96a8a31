// What is known of the targets: whether they are asked, how busy they are; and holding a breaker by hand.
#include <algorithm>
#include <array>

#include "changes/changes.hpp"
#include "control/answers.hpp"
#include "control/body.hpp"
#include "control/route.hpp"
#include "storage/store.hpp"
#include "targets/book.hpp"
#include "telemetry/log.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;
using targets::Hold;

bj::object document_of(const targets::Target& target, deadline::Instant now) {
  const auto breaker = target.breaker.view(now);
  return {{"provider", target.provider},
          {"model", target.model},
          {"state", targets::name_of(breaker.state)},
          {"hold", targets::name_of(breaker.hold)},
          {"opens_in_ms", milliseconds(breaker.opens_in)},
          {"failures_in_a_row", breaker.failures_in_a_row},
          {"window_calls", breaker.window_calls},
          {"window_failures", breaker.window_failures},
          {"calls", target.calls.load(std::memory_order_relaxed)},
          {"failures", target.failures.load(std::memory_order_relaxed)},
          {"in_flight", target.in_flight.load(std::memory_order_relaxed)},
          {"slots_taken", target.slots->taken()},
          {"waiting", target.slots->waiting()},
          {"paused", target.paused(now)}};
}

// The hold is of this process; that somebody wanted it is remembered. A database that is away does not keep
// an operator from it.
void note_hold(const Context& context, const targets::Target& target, Hold before, Hold after) {
  const auto text = [](Hold hold) { return bj::serialize(bj::object{{"hold", targets::name_of(hold)}}); };
  const changes::Change change{
      context.identity.actor(),  "hold", "target:" + target.name(), text(before), text(after),
      context.request.request_id};
  const auto now = storage::to_microseconds(context.services.clock.wall_now());
  const auto written = context.services.store.write(
      [&](storage::Connection& connection) -> storage::Outcome {
        if (auto ordered = storage::order_appends(connection); !ordered) return ordered;
        return changes::record(connection, now, change);
      },
      context.call().deadline);
  if (!written)
    telemetry::log_warning("a breaker is held by hand, which could not be noted: " + written.error().message);
}

Answer get_targets(Context& context) {
  const auto now = context.services.clock.now();
  const auto configuration = context.services.settings.current()->configuration;
  bj::array list;
  for (const auto& target : context.services.targets.all()) {
    // Of a provider that is gone nobody wants to know.
    if (configuration->provider_named(target->provider)) list.push_back(document_of(*target, now));
  }
  return json_answer(200, {{"targets", std::move(list)}});
}

Answer put_hold(Context& context) {
  Body body(context.body);
  const std::string provider = body.required_text("provider");
  const std::string model = body.required_text("model");
  const std::string hold = body.required_text("hold");
  constexpr std::array<Hold, 3> all = {Hold::automatic, Hold::closed, Hold::open};
  const auto found = std::ranges::find(all, hold, [](Hold each) { return targets::name_of(each); });
  if (found == all.end() && !hold.empty())
    body.report("hold", "is \"" + hold + "\": give automatic, closed or open");
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  const auto target = context.services.targets.known(provider, model);
  if (!target) {
    return problem_answer(context, {404, "No request has gone to model " + model + " at provider " +
                                             provider + " since the start."});
  }
  const auto before = target->breaker.view(context.services.clock.now()).hold;
  target->breaker.hold(*found);
  if (before != *found) note_hold(context, *target, before, *found);
  return json_answer(200, document_of(*target, context.services.clock.now()));
}

constexpr std::array<Route, 2> routes = {{
    {"GET", "/api/targets", Needs::viewer, Lane::settings, get_targets},
    {"PUT", "/api/targets/hold", Needs::administrator, Lane::settings, put_hold},
}};

}  // namespace

std::span<const Route> target_routes() {
  return routes;
}

}  // namespace punctual::control
