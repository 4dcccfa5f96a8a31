#include "sim/overseer_targets.hpp"

#include <algorithm>

namespace punctual::simulation {

using targets::BreakerState;

namespace {

std::string at_text(deadline::Instant at) {
  return " at " + std::to_string(deadline::seconds(at.time_since_epoch()) - 3600);
}

}  // namespace

TargetOverseer::TargetOverseer(World& world, const Scenario& scenario, Violations& violations)
    : world_(world), scenario_(scenario), violations_(violations) {
  if (!scenario.house) return;
  world.add(*this);
  world.network().log().on_sent = [this](const UpstreamCall& call) { note_sent(call); };
}

TargetOverseer::~TargetOverseer() {
  world_.remove(*this);
  world_.network().log().on_sent = nullptr;
}

bool TargetOverseer::Seen::same_as(const Seen& other) const {
  return breaker.state == other.breaker.state &&
         breaker.opens_in.has_value() == other.breaker.opens_in.has_value() && taken == other.taken &&
         waiting == other.waiting && calls == other.calls && held_known == other.held_known &&
         (!breaker.opens_in || at + *breaker.opens_in == other.at + *other.breaker.opens_in);
}

House::Slots TargetOverseer::slots_of(const std::string& provider) const {
  const auto found = scenario_.house->slots.find(provider);
  return found == scenario_.house->slots.end() ? House::Slots{} : found->second;
}

void TargetOverseer::note_sent(const UpstreamCall& call) {
  const auto most = slots_of(call.host).in_flight_max;
  if (most > 0 && world_.network().log().open(call.host, call.model) > most)
    complain("more than " + std::to_string(most) + " requests at once at " + call.host +
             at_text(world_.now()));
  if (ended_.contains(call.request_id))
    complain(call.request_id + ": dispatched after its end" + at_text(world_.now()));
}

bool TargetOverseer::act() {
  for (const auto& target : world_.core().own_book->all())
    look_at(*target);
  look_at_new_records();
  return false;
}

void TargetOverseer::look_at(const targets::Target& target) {
  const auto now = world_.now();
  const auto limits = slots_of(target.provider);
  const Seen seen{now,
                  target.breaker.view(now),
                  target.slots->taken(),
                  target.slots->waiting(),
                  target.calls.load(),
                  target.slots->usually_held() > deadline::Duration::zero()};
  auto& history = seen_[target.name()];
  if (limits.in_flight_max > 0) {
    if (seen.taken > limits.in_flight_max) complain("too many slots of " + target.name() + at_text(now));
    if (seen.waiting > limits.waiting_max) complain("too many wait for " + target.name() + at_text(now));
    if (seen.waiting > 0 && seen.taken < limits.in_flight_max)
      complain("a slot is free, and somebody waits for " + target.name() + at_text(now));
  }
  if (!history.empty()) {
    const auto& before = history.back();
    const bool left_alone = before.breaker.state == BreakerState::open && before.breaker.opens_in &&
                            before.at + *before.breaker.opens_in > now;
    if (left_alone && seen.calls > before.calls)
      complain("asked while its breaker is open: " + target.name() + at_text(now));
  }
  if (history.empty() || !history.back().same_as(seen)) history.push_back(seen);
}

void TargetOverseer::look_at_new_records() {
  const auto& records = world_.records();
  for (; records_ < records.size(); ++records_) {
    const auto& record = records[records_];
    ended_.insert(record.text("request_id"));
    const auto lasted = std::chrono::duration<double, std::milli>(record.number("duration_ms") + 0.01);
    const auto from = world_.now() - std::chrono::duration_cast<deadline::Duration>(lasted);
    for (const auto& attempt : record.attempts())
      judge_refusal(record, attempt, from);
  }
}

// Some time between its begin and now what it was told was true.
void TargetOverseer::judge_refusal(const RecordLine& record, const RecordLine& attempt,
                                   deadline::Instant from) {
  const auto outcome = attempt.text("outcome");
  if (outcome != "skipped" && outcome != "busy") return;
  const auto limits = slots_of(attempt.text("provider"));
  const bool full = attempt.text("detail").find("more wait already") != std::string::npos;
  const auto holds = [&](const Seen& seen) {
    if (outcome == "skipped") return seen.breaker.state != BreakerState::closed;
    if (limits.in_flight_max == 0 || seen.taken < limits.in_flight_max) return false;
    return full ? seen.waiting >= limits.waiting_max : seen.held_known;
  };
  const auto& history = seen_[attempt.text("provider") + "/" + attempt.text("model")];
  bool held = false;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const bool over = i + 1 < history.size() && history[i + 1].at < from;
    held = held || (!over && holds(history[i]));
  }
  if (!held) complain(record.text("request_id") + ": " + outcome + ", which was not true");
}

void TargetOverseer::judge() {
  if (scenario_.house && records_ != world_.records().size()) complain("records after the end");
}

}  // namespace punctual::simulation
