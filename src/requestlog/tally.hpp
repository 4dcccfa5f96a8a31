// What is kept of rows while they are read, until it becomes `Totals`. Bounded: histograms, no rows. One
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "requestlog/log_histogram.hpp"
#include "requestlog/statistics.hpp"
#include "storage/value.hpp"

namespace punctual::requestlog {

// The columns that statistics are made of, as views into a Row.
struct StatisticsRow {
  // In the order of `statistics_columns`.
  explicit StatisticsRow(storage::Row row);

  std::int64_t started;
  std::int64_t id;
  std::string_view model;
  std::string_view endpoint;
  std::string_view outcome;
  std::string_view limit_phase;
  std::string_view limit_source;
  std::int64_t duration_us;
  std::optional<std::int64_t> first_token_us;
  std::optional<std::int64_t> prompt_tokens;
  std::optional<std::int64_t> completion_tokens;

  bool succeeded() const { return outcome == "success"; }
  bool was_cut() const { return outcome == "timeout"; }
};
inline constexpr std::string_view statistics_columns =
    "started, id, model, endpoint, outcome, limit_phase, limit_source, duration_us, first_token_us,"
    " prompt_tokens, completion_tokens";

class Tally {
 public:
  void add(const StatisticsRow& row);
  Totals totals() const;
  std::uint64_t requests() const { return requests_; }

 private:
  std::uint64_t requests_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> outcomes_;
  std::int64_t prompt_tokens_ = 0;
  std::int64_t completion_tokens_ = 0;
  std::int64_t generated_tokens_ = 0;  // those whose time is in generation_us_
  std::int64_t generation_us_ = 0;
  LogHistogram duration_;
  std::uint64_t duration_cut_ = 0;
  LogHistogram first_token_;
  std::uint64_t first_token_cut_ = 0;
};

// What an estimate for a limit is made of.
class LimitTally {
 public:
  struct Finished {
    LogHistogram duration;
    LogHistogram first_token;
    void add(const StatisticsRow& row);
  };

  void add_cut(const StatisticsRow& row) { cut_.add(row.duration_us); }
  std::uint64_t cut() const { return cut_.count(); }
  // Nothing for a phase whose time is not stored, or when none finished.
  std::optional<LimitEstimate> estimate(std::string_view phase, const Finished& finished) const;

 private:
  LogHistogram cut_;
};

}  // namespace punctual::requestlog
