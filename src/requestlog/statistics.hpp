// What the stored requests of a window say: counts, latencies, tokens, timeouts, and what a limit might
// better be. Plain values; microseconds. Blocking; reads the window row by row in bounded memory, whatever
// its size.
//
// Latency is of the requests that succeeded or were cut by a limit; errors, refusals and hang-ups are only
// counted. A request that was cut counts with the time it had, which it would have exceeded: when more were
// cut than lie above a percentile, that percentile is `at_least`. Percentiles are exact to 2 %.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deadline/clock.hpp"
#include "requestlog/entry.hpp"
#include "requestlog/filter.hpp"
#include "storage/connection.hpp"

namespace punctual::requestlog {

struct Percentile {
  std::int64_t microseconds = 0;
  bool at_least = false;
};

inline constexpr std::array percentile_shares = {0.5, 0.9, 0.95, 0.99};

struct Latency {
  std::uint64_t count = 0;  // the cut ones too
  std::uint64_t cut = 0;
  std::array<Percentile, percentile_shares.size()> percentiles{};  // of count > 0
};

struct Totals {
  std::uint64_t requests = 0;
  std::map<std::string, std::uint64_t> outcomes;
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  // Completion tokens per second of generation (from the first token to the end, or the whole duration where
  // no first token was seen), over successful requests that told their tokens.
  std::optional<double> tokens_per_second;
  Latency duration;
  Latency first_token;
};

struct Group {
  std::string model;
  std::string endpoint;
  bool others = false;  // all beyond `statistics_groups_max`, together
  Totals totals;
};

// A guess about a limit, from those that finished on the same endpoint (any model of the filter).
//
// Of the requests that were still running at half of the time at which this limit cuts (the median of the cut
// ones), some finished before it and the rest were cut; the same share of the cut ones is assumed to finish
// before twice the time, and so on for each doubling. Stalls thus count as what they are: if none finishes
// shortly before the limit, a longer one would help nobody.
struct LimitEstimate {
  std::uint64_t finished = 0;       // n: what the guess rests on
  std::uint64_t finished_late = 0;  // of these, in the second half of the limit's time
  std::int64_t cut_at_us = 0;
  std::int64_t p99_us = 0;  // of those that finished
  // max(1.5 x p99, p99 + 30 s), in whole seconds, rounded up.
  std::int64_t suggested_us = 0;
  // Of the cut ones, the share that would have finished by `tried_us`: the suggestion if it is longer than
  // the limit was, else twice the limit.
  std::int64_t tried_us = 0;
  double would_have_finished = 0;
};

struct Timeouts {
  std::string phase;
  std::string source;
  std::string endpoint;
  std::uint64_t count = 0;
  std::optional<LimitEstimate> estimate;  // for total, attempt and first_token, whose times are stored
};

struct TimeBucket {
  std::int64_t from = 0;
  Totals totals;
};

struct Statistics {
  std::int64_t from = 0;
  std::int64_t to = 0;
  Totals totals;
  Totals before;                   // of as long a time before `from`
  std::vector<Group> groups;       // the most requests first
  std::vector<Timeouts> timeouts;  // the most first
  std::vector<TimeBucket> buckets;
  std::vector<Entry> slowest;   // of those that latency is of
  std::vector<Entry> failures;  // the latest: timeouts and errors
  bool complete = true;         // false: the time was up; what is there is of the earlier part of the window
};

inline constexpr std::size_t statistics_groups_max = 200;
inline constexpr std::size_t statistics_timeouts_max = 100;
inline constexpr std::size_t statistics_buckets_max = 200;
inline constexpr std::size_t statistics_entries = 10;  // slowest, failures
inline constexpr std::size_t statistics_rows_per_read = 2000;

struct StatisticsRequest {
  Filter filter = {};  // its window; without from: the 24 hours before to; without to: now
  std::size_t buckets = 60;
  deadline::WallTime now;
  deadline::Instant until;  // ends with what is read by then
};

// The connection has the deadline `until` during the call, and none after it.
std::expected<Statistics, storage::Error> read_statistics(storage::Connection& connection,
                                                          const StatisticsRequest& request);

// Durations in milliseconds, limits in seconds, times RFC 3339.
boost::json::object to_json(const Statistics& statistics);

}  // namespace punctual::requestlog
