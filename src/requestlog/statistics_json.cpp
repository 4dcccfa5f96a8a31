// Statistics as JSON.
#include <boost/json/array.hpp>

#include "requestlog/statistics.hpp"
#include "requestlog/times.hpp"

namespace punctual::requestlog {

namespace {

boost::json::object json_of(const Latency& latency) {
  boost::json::object object{{"count", latency.count}, {"cut", latency.cut}};
  constexpr std::array names = {"p50", "p90", "p95", "p99"};
  if (latency.count == 0) return object;
  for (std::size_t i = 0; i < names.size(); ++i)
    object[names[i]] = {{"ms", milliseconds(latency.percentiles[i].microseconds)},
                        {"at_least", latency.percentiles[i].at_least}};
  return object;
}

boost::json::object json_of(const Totals& totals) {
  boost::json::object outcomes;
  for (const auto& [outcome, count] : totals.outcomes)
    outcomes[outcome] = count;
  boost::json::object object{
      {"requests", totals.requests},           {"outcomes", std::move(outcomes)},
      {"prompt_tokens", totals.prompt_tokens}, {"completion_tokens", totals.completion_tokens},
      {"duration", json_of(totals.duration)},  {"first_token", json_of(totals.first_token)}};
  if (totals.tokens_per_second) object["tokens_per_second"] = *totals.tokens_per_second;
  return object;
}

boost::json::object json_of(const LimitEstimate& estimate) {
  return {{"estimate", true},
          {"finished", estimate.finished},
          {"finished_late", estimate.finished_late},
          {"cut_at_seconds", seconds(estimate.cut_at_us)},
          {"p99_seconds", seconds(estimate.p99_us)},
          {"suggested_seconds", seconds(estimate.suggested_us)},
          {"tried_seconds", seconds(estimate.tried_us)},
          {"would_have_finished", estimate.would_have_finished}};
}

boost::json::array json_of(const std::vector<Entry>& entries) {
  boost::json::array array;
  for (const auto& entry : entries)
    array.push_back(to_json(entry));
  return array;
}

}  // namespace

boost::json::object to_json(const Statistics& statistics) {
  boost::json::array groups;
  for (const auto& group : statistics.groups) {
    auto object = json_of(group.totals);
    object["model"] = group.model;
    object["endpoint"] = group.endpoint;
    if (group.others) object["others"] = true;
    groups.push_back(std::move(object));
  }
  boost::json::array timeouts;
  for (const auto& timeout : statistics.timeouts) {
    boost::json::object object{{"limit", timeout.phase},
                               {"limit_source", timeout.source},
                               {"endpoint", timeout.endpoint},
                               {"count", timeout.count}};
    if (timeout.estimate) object["cut_that_would_have_finished"] = json_of(*timeout.estimate);
    timeouts.push_back(std::move(object));
  }
  boost::json::array buckets;
  for (const auto& bucket : statistics.buckets) {
    auto object = json_of(bucket.totals);
    object["time"] = rfc3339(bucket.from);
    buckets.push_back(std::move(object));
  }
  return {{"from", rfc3339(statistics.from)},       {"to", rfc3339(statistics.to)},
          {"complete", statistics.complete},        {"totals", json_of(statistics.totals)},
          {"before", json_of(statistics.before)},   {"groups", std::move(groups)},
          {"timeouts", std::move(timeouts)},        {"buckets", std::move(buckets)},
          {"slowest", json_of(statistics.slowest)}, {"failures", json_of(statistics.failures)}};
}

}  // namespace punctual::requestlog
