// Records against what was seen on the way to the upstreams.
#include <algorithm>
#include <map>

#include "sim/judge.hpp"

namespace punctual::simulation {

namespace {

using Calls = std::vector<const UpstreamCall*>;

class CallJudge {
 public:
  CallJudge(World& world, const Scenario& scenario, Violations& violations)
      : world_(world), scenario_(scenario), violations_(violations) {
    for (const auto& call : world.network().log().calls())
      calls_[call.request_id].push_back(&call);
  }

  void judge() {
    for (const auto& record : world_.records()) {
      record_ = &record;
      judge_record(calls_[record.text("request_id")]);
      calls_.erase(record.text("request_id"));
    }
    for (const auto& [id, calls] : calls_)
      violations_.push_back(id + ": upstreams were asked, and there is no record");
    judge_budget();
  }

 private:
  void check(bool holds, const std::string& otherwise) {
    if (!holds) violations_.push_back(record_->text("request_id") + ": " + otherwise);
  }

  // Each call belongs to an attempt, in their order; only a connection that had gone stale is asked anew.
  void judge_record(const Calls& calls) {
    const auto attempts = record_->attempts();
    std::size_t at = 0;
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      const auto& attempt = attempts[i];
      const UpstreamCall* last = nullptr;
      while (at < calls.size() && belongs(*calls[at], attempt) && (!last || went_stale(*last)))
        last = calls[at++];
      judge_attempt(attempt, last);
      if (record_->text("limit") == "queue" && i + 1 == attempts.size())
        check(!last, "it had no slot, and yet it was asked");
      if (last && i + 1 < attempts.size())
        judge_pause(attempts, i, *last, at < calls.size() ? calls[at] : nullptr);
    }
    check(at == calls.size(), "the upstreams were asked more often than the record says");
    judge_tries(attempts);
  }

  bool belongs(const UpstreamCall& call, const RecordLine& attempt) const {
    // Without a connection of its own there was at most one that had gone stale.
    const bool connected = attempt.has("connect_ms") || attempt.members.at("reused_connection").as_bool();
    return calls_of(*record_, attempt).most == 1 && (connected || went_stale(call)) &&
           call.host == attempt.text("provider") && (!call.sent || call.model == attempt.text("model"));
  }
  static bool went_stale(const UpstreamCall& call) { return call.reused && !call.answered; }

  void judge_attempt(const RecordLine& attempt, const UpstreamCall* call) {
    const auto outcome = attempt.text("outcome");
    const auto status = static_cast<int>(attempt.number("status"));
    if (!call) {
      check(outcome != "success" && outcome != "status" && outcome != "reset" && outcome != "garbage",
            "an attempt that ended with " + outcome + ", and nobody was asked");
      return;
    }
    check(call->end != UpstreamCall::End::open, "a call that never ended");
    check(status == call->status || (status == 0 && outcome != "success"),
          "the record has another status of the upstream");
    if (outcome == "success" || outcome == "status") check(call->status != 0, outcome + " without a head");
    if (outcome == "refused") check(went_stale(*call), "refused, and yet it was asked");
    if (outcome == "reset" && call->status == 0)
      check(call->end == UpstreamCall::End::broken || call->end == UpstreamCall::End::dropped,
            "a reset that was none");
  }

  // Before the same target is asked again.
  void judge_pause(const std::vector<RecordLine>& attempts, std::size_t i, const UpstreamCall& before,
                   const UpstreamCall* after) {
    const bool same = attempts[i].text("provider") == attempts[i + 1].text("provider") &&
                      attempts[i].text("model") == attempts[i + 1].text("model");
    const auto* rule = rule_of_record();
    if (!same || !after || !rule) return;
    const bool told = before.status == 429 || before.status == 503;  // Retry-After: 1
    const auto least = std::chrono::milliseconds(told ? 1000 : scenario_.house->back_off_ms);
    check(after->begun >= before.ended + least, "asked again too soon");
  }

  const HouseRule* rule_of_record() const {
    return scenario_.house ? scenario_.house->rule(record_->text("model")) : nullptr;
  }
  static bool is_in(const HouseRule& rule, const RecordLine& attempt) {
    return std::ranges::any_of(rule.targets, [&](const auto& target) {
      return target.provider == attempt.text("provider") && target.model == attempt.text("model");
    });
  }

  void judge_tries(const std::vector<RecordLine>& attempts) {
    const auto* rule = rule_of_record();
    if (!rule) return;
    for (const auto& attempt : attempts) {
      const auto tries = std::ranges::count_if(attempts, [&](const auto& other) {
        return other.text("provider") == attempt.text("provider") &&
               other.text("model") == attempt.text("model");
      });
      check(is_in(*rule, attempt), "a target that is not in its rule");
      check(tries <= rule->retries_max + 1, "the same target more often than the rule allows");
    }
  }

  // Over the whole run.
  void judge_budget() {
    const double share = scenario_.house ? scenario_.house->retry_share : 0.2;
    const double per_second = scenario_.house ? scenario_.house->retries_per_second : 10;
    const double seconds = deadline::seconds(world_.now().time_since_epoch()) - 3600;
    const double at_first = std::max(1.0, per_second * 10) + share * 100;
    const double allowed =
        at_first + per_second * seconds + share * static_cast<double>(world_.records().size());
    const auto& metrics = world_.metrics();
    const auto taken = static_cast<double>(metrics.retries.value() + metrics.fallbacks.value());
    if (taken > allowed + 0.001) violations_.push_back("more retries than the budget has");
  }

  World& world_;
  const Scenario& scenario_;
  Violations& violations_;
  std::map<std::string, Calls> calls_;
  const RecordLine* record_ = nullptr;
};

}  // namespace

CallsOf calls_of(const RecordLine& record, const RecordLine& attempt) {
  const auto outcome = attempt.text("outcome");
  if (outcome == "skipped" || outcome == "busy" || outcome == "untranslatable") return {0, 0};
  const bool ended_early = outcome == "timeout" || outcome == "cancelled" || outcome == "stopped";
  const bool may_have_waited = ended_early && record.has("queue_ms") && !attempt.has("status");
  return {may_have_waited ? 0U : 1U, 1};
}

void judge_calls(World& world, const Scenario& scenario, Violations& violations) {
  CallJudge(world, scenario, violations).judge();
}

}  // namespace punctual::simulation
