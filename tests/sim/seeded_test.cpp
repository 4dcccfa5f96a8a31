// The seeded simulation: scenarios drawn by chance, one per seed, each judged by what must always hold.
//
// PUNCTUAL_SIM_SEEDS=N runs seeds 1 to N, PUNCTUAL_SIM_SEED=K the one alone, PUNCTUAL_SIM_TRACE=1 tells what
// happened.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "sim/overseer.hpp"
#include "sim/overseer_targets.hpp"
#include "sim/trace.hpp"

namespace punctual::simulation {
namespace {

using std::chrono::hours;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// The end of the process, in the scenarios that have one.
class Closing final : public Actor {
 public:
  Closing(World& world, const Scenario& scenario)
      : world_(world),
        scenario_(scenario),
        signals_(world.runtime().ready()),
        wakeup_(world.runtime(), signals_, 1) {
    if (!scenario.drain_after) return;
    due_ = world.now() + *scenario.drain_after;
    wakeup_.arm(due_);
    world.add(*this);
  }
  ~Closing() { world_.remove(*this); }

  bool act() override {
    if (world_.core().draining || world_.now() < due_) return false;
    world_.listener().drain(scenario_.drain_limit, [this] { done_at_ = world_.now(); });
    if (scenario_.drain_limit) end_ = world_.now() + *scenario_.drain_limit;
    return true;
  }

  void judge(Violations& violations) const {
    if (!scenario_.drain_after) return;
    if (done_at_ == deadline::Instant::max()) return violations.push_back("the shutdown never ended");
    // What is refused then is still listened to for a moment, so that it is read.
    const auto linger = std::chrono::seconds(2) + 2 * tick;
    if (end_ != deadline::Instant::max() && done_at_ > end_ + linger)
      violations.push_back("the shutdown ended late");
  }

 private:
  World& world_;
  const Scenario& scenario_;
  base::Signals signals_;
  net::Wakeup wakeup_;
  deadline::Instant due_ = deadline::Instant::max();
  deadline::Instant end_ = deadline::Instant::max();
  deadline::Instant done_at_ = deadline::Instant::max();
};

// How often each outcome and each limit was met: the judge can only judge what happens.
using Seen = std::map<std::string, std::size_t>;

void note_attempts(const RecordLine& record, Seen& seen) {
  const auto attempts = record.attempts();
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const auto outcome = attempts[i].text("outcome");
    if (outcome == "busy" || outcome == "skipped" || outcome == "untranslatable") ++seen[outcome];
    if (i == 0) continue;
    const bool again = attempts[i].text("provider") == attempts[i - 1].text("provider") &&
                       attempts[i].text("model") == attempts[i - 1].text("model");
    if (outcome != "skipped") ++seen[again ? "retry" : "fallback"];
  }
  if (record.number("queue_ms") > 0) ++seen["queued"];
}

void note_records(World& world, Seen& seen) {
  for (const auto& record : world.records()) {
    ++seen[record.text("outcome")];
    if (record.has("limit")) ++seen[record.text("limit")];
    note_attempts(record, seen);
    if (record.has("heartbeats")) ++seen["heartbeat"];
  }
}

Violations run(std::uint64_t seed, bool trace, Seen& seen) {
  Violations violations;
  Dice dice(seed);
  const Scenario scenario = draw_scenario(dice);
  World world({.settings = scenario.settings, .providers = scenario.house ? scenario.house->providers : ""});
  for (const auto* name : {"alpha", "beta", "gamma", "claude"})
    world.host(name).next = [&] { return scenario.weather.draw(dice); };
  {
    Overseer overseer(world, scenario.weather.delays() ? delay_max + tick : deadline::Duration{}, violations);
    TargetOverseer targets(world, scenario, violations);
    std::vector<std::unique_ptr<Visitor>> visitors;
    for (const auto& plan : scenario.connections)
      visitors.push_back(std::make_unique<Visitor>(world, plan));
    Closing closing(world, scenario);
    const bool ended = world.run_until([&] {
      return std::ranges::all_of(visitors, [](const auto& visitor) { return visitor->finished(); }) &&
             world.metrics().connections_open.value() == 0;
    });
    if (!ended) violations.push_back("a connection does not end");
    if (!world.run_out(hours(24))) violations.push_back("a timer is left over");
    if (world.stuck()) violations.push_back("coroutines keep each other busy without end");
    judge_requests(world, visitors, violations);
    judge_calls(world, scenario, violations);
    judge_sums(world, violations);
    targets.judge();
    closing.judge(violations);
    note_records(world, seen);
    if (trace) print_trace(world, scenario, visitors);
  }
  return violations;
}

TEST(Seeded, Simulation) {
  const auto one = number_from("PUNCTUAL_SIM_SEED", 0);
  const bool trace = number_from("PUNCTUAL_SIM_TRACE", 0) != 0;
  const auto first = one ? one : 1;
  const auto last = one ? one : number_from("PUNCTUAL_SIM_SEEDS", 1000);
  Seen seen;
  for (auto seed = first; seed <= last; ++seed) {
    const auto violations = run(seed, trace, seen);
    std::string text;
    for (const auto& violation : violations)
      text += "  " + violation + "\n";
    EXPECT_TRUE(violations.empty()) << "seed " << seed << ":\n"
                                    << text << "again, with all that happened: PUNCTUAL_SIM_SEED=" << seed
                                    << " PUNCTUAL_SIM_TRACE=1 punctual_sim_tests --gtest_filter=Seeded.*";
  }
  std::printf("seeds %llu to %llu:", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(last));
  for (const auto& [what, count] : seen)
    std::printf(" %s %zu", what.c_str(), count);
  std::printf("\n");
  if (last - first < 200) return;
  for (const auto* what :
       {"success",   "timeout", "error",       "refused", "cancelled", "stopped", "total",
        "receive",   "connect", "first_token", "idle",    "attempt",   "drain",   "fallback",
        "heartbeat", "retry",   "queue",       "queued",  "busy",      "skipped"})
    EXPECT_GE(seen[what], 1u) << "never met: " << what;
}

}  // namespace
}  // namespace punctual::simulation
