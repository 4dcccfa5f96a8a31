// What the counters say of a run is what its records say, summed.
#include <algorithm>
#include <map>

#include "sim/judge.hpp"

namespace punctual::simulation {

namespace {

class SumJudge {
 public:
  SumJudge(World& world, Violations& violations)
      : world_(world), metrics_(world.metrics()), violations_(violations) {}

  void judge() {
    for (const auto& record : world_.records())
      add(record);
    for (const auto& line : world_.journal().malformed())
      violations_.push_back("a record is no JSON: " + line);
    judge_outcomes();
    judge_timeouts();
    const auto attempts = metrics_.attempts.value();
    same("attempts", attempts, std::clamp(attempts, sums_["calls at least"], sums_["calls at most"]));
    same("fallbacks and retries", metrics_.fallbacks.value() + metrics_.retries.value(), sums_["fallbacks"]);
    same("heartbeats", metrics_.heartbeats.value(), sums_["heartbeats"]);
    same("prompt tokens", metrics_.prompt_tokens.value(), sums_["prompt_tokens"]);
    same("completion tokens", metrics_.completion_tokens.value(), sums_["completion_tokens"]);
    same("requests in flight at the end", metrics_.requests_in_flight.value(), 0);
    same("connections open at the end", metrics_.connections_open.value(), 0);
    same("records lost", metrics_.records_lost.value(), 0);
    for (const auto& target : world_.core().own_book->all()) {
      same("slots of " + target->name() + " taken at the end", target->slots->taken(), 0);
      same("waiting for " + target->name() + " at the end", target->slots->waiting(), 0);
      same("in flight at " + target->name() + " at the end", target->in_flight.load(), 0);
    }
    same("requests that run at the end", world_.core().running.empty() ? 0 : 1, 0);
    same("upstream requests open at the end", world_.network().open_requests(), 0);
    same("upstream connections open at the end", world_.network().open_connections(), 0);
  }

 private:
  void same(const std::string& name, std::uint64_t counted, std::uint64_t expected) {
    if (counted == expected) return;
    violations_.push_back(name + ": " + std::to_string(counted) + " instead of " + std::to_string(expected));
  }

  void add(const RecordLine& record) {
    const auto attempts = record.attempts();
    std::uint64_t tried = 0;
    for (const auto& attempt : attempts) {
      tried += attempt.text("detail") == "its breaker is open" ? 0 : 1;
      const auto calls = calls_of(record, attempt);
      sums_["calls at least"] += calls.least;
      sums_["calls at most"] += calls.most;
    }
    sums_["fallbacks"] += tried == 0 ? 0 : tried - 1;
    sums_["heartbeats"] += static_cast<std::uint64_t>(record.number("heartbeats"));
    sums_["prompt_tokens"] += static_cast<std::uint64_t>(record.number("prompt_tokens"));
    sums_["completion_tokens"] += static_cast<std::uint64_t>(
        record.number(record.has("completion_tokens") ? "completion_tokens" : "content_events"));
    if (const auto endpoint = record.text("endpoint"); !endpoint.empty())
      ++sums_[endpoint + " " + record.text("outcome")];
    for (const auto& attempt : attempts)
      sums_["timeouts"] += attempt.text("outcome") == "timeout" ? 1 : 0;
    const bool of_attempt = !attempts.empty() && attempts.back().text("outcome") == "timeout";
    if (record.has("limit") && !of_attempt) ++sums_["timeouts"];
    if (record.has("limit") != (record.text("outcome") == "timeout"))
      violations_.push_back(record.text("request_id") +
                            ": a limit and no timeout, or a timeout and no limit");
  }

  void judge_outcomes() {
    constexpr std::array endpoints = {"chat", "completions", "embeddings"};
    for (std::size_t e = 0; e < endpoints.size(); ++e) {
      for (std::size_t o = 0; o < telemetry::outcome_count; ++o) {
        const auto name = std::string(endpoints[e]) + " " +
                          std::string(telemetry::name_of(static_cast<telemetry::Outcome>(o)));
        same(name, metrics_.requests[e][o].value(), sums_[name]);
      }
    }
  }

  void judge_timeouts() {
    std::uint64_t counted = 0;
    for (const auto& of_phase : metrics_.timeouts) {
      for (const auto& of_kind : of_phase)
        counted += of_kind.value();
    }
    same("timeouts", counted, sums_["timeouts"]);
  }

  World& world_;
  const telemetry::Metrics& metrics_;
  Violations& violations_;
  std::map<std::string, std::uint64_t> sums_;
};

}  // namespace

void judge_sums(World& world, Violations& violations) {
  SumJudge(world, violations).judge();
}

}  // namespace punctual::simulation
