#include "requestlog/tally.hpp"

#include <algorithm>
#include <cmath>

namespace punctual::requestlog {

namespace {

constexpr std::int64_t second = 1'000'000;

Latency latency_of(const LogHistogram& histogram, std::uint64_t cut) {
  Latency latency{histogram.count(), cut, {}};
  if (latency.count == 0) return latency;
  const double share_cut = static_cast<double>(cut) / static_cast<double>(latency.count);
  for (std::size_t i = 0; i < percentile_shares.size(); ++i)
    latency.percentiles[i] = {histogram.percentile(percentile_shares[i]),
                              share_cut > 1.0 - percentile_shares[i] + 1e-9};
  return latency;
}

void count(std::map<std::string, std::uint64_t, std::less<>>& counts, std::string_view name) {
  const auto found = counts.find(name);
  if (found != counts.end())
    ++found->second;
  else
    counts.emplace(name, 1);
}

}  // namespace

StatisticsRow::StatisticsRow(storage::Row row)
    : started(row.integer(0)),
      id(row.integer(1)),
      model(row.text(2)),
      endpoint(row.text(3)),
      outcome(row.text(4)),
      limit_phase(row.text(5)),
      limit_source(row.text(6)),
      duration_us(row.integer(7)),
      first_token_us(row.optional_integer(8)),
      prompt_tokens(row.optional_integer(9)),
      completion_tokens(row.optional_integer(10)) {}

void Tally::add(const StatisticsRow& row) {
  ++requests_;
  count(outcomes_, row.outcome);
  prompt_tokens_ += row.prompt_tokens.value_or(0);
  completion_tokens_ += row.completion_tokens.value_or(0);
  const bool succeeded = row.succeeded();
  const bool cut = row.was_cut();
  if (succeeded && row.completion_tokens) {
    const std::int64_t generation = row.duration_us - row.first_token_us.value_or(0);
    if (generation > 0) {
      generated_tokens_ += *row.completion_tokens;
      generation_us_ += generation;
    }
  }
  if (!succeeded && !cut) return;
  duration_.add(row.duration_us);
  if (cut) ++duration_cut_;
  if (row.first_token_us) {
    first_token_.add(*row.first_token_us);
  } else if (cut && row.limit_phase == "first_token") {
    first_token_.add(row.duration_us);
    ++first_token_cut_;
  }
}

Totals Tally::totals() const {
  Totals totals;
  totals.requests = requests_;
  totals.outcomes.insert(outcomes_.begin(), outcomes_.end());
  totals.prompt_tokens = prompt_tokens_;
  totals.completion_tokens = completion_tokens_;
  if (generation_us_ > 0)
    totals.tokens_per_second =
        static_cast<double>(generated_tokens_) * 1e6 / static_cast<double>(generation_us_);
  totals.duration = latency_of(duration_, duration_cut_);
  totals.first_token = latency_of(first_token_, first_token_cut_);
  return totals;
}

void LimitTally::Finished::add(const StatisticsRow& row) {
  if (row.succeeded()) duration.add(row.duration_us);
  if (row.first_token_us) first_token.add(*row.first_token_us);
}

std::optional<LimitEstimate> LimitTally::estimate(std::string_view phase, const Finished& of) const {
  const bool whole = phase == "total" || phase == "attempt";
  if (!whole && phase != "first_token") return std::nullopt;
  const LogHistogram& finished = whole ? of.duration : of.first_token;
  if (finished.count() == 0 || cut_.count() == 0) return std::nullopt;
  LimitEstimate estimate;
  estimate.finished = finished.count();
  estimate.cut_at_us = cut_.percentile(0.5);
  estimate.finished_late = finished.count_between(estimate.cut_at_us / 2, estimate.cut_at_us);
  estimate.p99_us = finished.percentile(0.99);
  const auto longer = std::max<std::int64_t>(estimate.p99_us * 3 / 2, estimate.p99_us + 30 * second);
  estimate.suggested_us = (longer + second - 1) / second * second;
  const auto tried =
      estimate.suggested_us > estimate.cut_at_us ? estimate.suggested_us : 2 * estimate.cut_at_us;
  estimate.tried_us = std::max<std::int64_t>(tried, 1);

  const auto late = static_cast<double>(estimate.finished_late);
  const double per_doubling = late / (late + static_cast<double>(cut_.count()));
  const double doublings = std::log2(static_cast<double>(estimate.tried_us) /
                                     static_cast<double>(std::max<std::int64_t>(estimate.cut_at_us, 1)));
  estimate.would_have_finished = 1.0 - std::pow(1.0 - per_doubling, doublings);
  return estimate;
}

}  // namespace punctual::requestlog
