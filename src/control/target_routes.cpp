// What is known of the targets: whether they are asked, how busy they are; and holding a breaker by hand.
#include <algorithm>
#include <array>

#include "control/answers.hpp"
#include "control/body.hpp"
#include "control/by_hand.hpp"
#include "control/route.hpp"
#include "targets/book.hpp"

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

// The hold is of this process; that somebody wanted it is remembered.
void note_hold(const Context& context, const targets::Target& target, Hold before, Hold after) {
  const auto value = [](Hold hold) { return bj::object{{"hold", targets::name_of(hold)}}; };
  note_by_hand(context, {"hold", "target:" + target.name(), value(before), value(after)});
}

// Of a provider or a local model that is gone nobody wants to know.
bool is_wanted(const targets::Target& target, const config::Configuration& configuration) {
  if (target.provider != config::pool_provider) return configuration.provider_named(target.provider);
  return std::ranges::any_of(configuration.models, [&](const config::LocalModel& model) {
    return model.name == target.model || model.file == target.model;  // by its name at Ollama
  });
}

Answer get_targets(Context& context) {
  const auto now = context.services.clock.now();
  const auto configuration = context.services.settings.current()->configuration;
  bj::array list;
  for (const auto& target : context.services.targets.all()) {
    if (is_wanted(*target, *configuration)) list.push_back(document_of(*target, now));
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
