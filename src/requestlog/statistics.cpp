#include "requestlog/statistics.hpp"

#include <algorithm>
#include <deque>
#include <tuple>
#include <utility>

#include "requestlog/cursor.hpp"
#include "requestlog/statement.hpp"
#include "requestlog/tally.hpp"
#include "storage/store.hpp"

namespace punctual::requestlog {

namespace {

// Everything that is kept of the window.
class Scan {
 public:
  Scan(std::int64_t from, std::int64_t to, std::size_t buckets)
      : from_(from),
        width_(std::max<std::int64_t>((to - from) / static_cast<std::int64_t>(buckets), 1)),
        buckets_(buckets) {}

  void add(const StatisticsRow& row) {
    totals_.add(row);
    group(row).add(row);
    const auto bucket = static_cast<std::size_t>(std::max<std::int64_t>(row.started - from_, 0) / width_);
    buckets_[std::min(bucket, buckets_.size() - 1)].add(row);
    if (row.succeeded() || row.was_cut()) keep_slow(row);
    if (row.was_cut() || row.outcome == "error") keep_failure(row.id);
    finished_of(row).add(row);
    if (row.was_cut()) limit(row);
  }

  void fill(Statistics& statistics) const;
  std::vector<std::int64_t> slowest() const {
    std::vector<std::int64_t> ids;
    ids.reserve(slowest_.size());
    for (const auto& [duration, id] : slowest_)
      ids.push_back(id);
    return ids;
  }
  std::vector<std::int64_t> failures() const { return {failures_.rbegin(), failures_.rend()}; }

 private:
  using GroupKey = std::pair<std::string, std::string>;
  using LimitKey = std::tuple<std::string, std::string, std::string>;

  Tally& group(const StatisticsRow& row) {
    const auto found = groups_.find({std::string(row.model), std::string(row.endpoint)});
    if (found != groups_.end()) return found->second;
    if (groups_.size() >= statistics_groups_max) return others_;
    return groups_[{std::string(row.model), std::string(row.endpoint)}];
  }

  LimitTally::Finished& finished_of(const StatisticsRow& row) {
    // Endpoints are ours and few; a hundred is a bound, not a number that is met.
    const auto found = finished_.find(row.endpoint);
    if (found != finished_.end()) return found->second;
    return finished_[finished_.size() < statistics_timeouts_max ? std::string(row.endpoint) : std::string()];
  }

  void limit(const StatisticsRow& row) {
    LimitKey key(row.limit_phase, row.limit_source, row.endpoint);
    if (limits_.size() >= statistics_timeouts_max && !limits_.contains(key)) return;
    limits_[std::move(key)].add_cut(row);
  }

  void keep_slow(const StatisticsRow& row) {
    if (slowest_.size() == statistics_entries && row.duration_us <= slowest_.back().first) return;
    const std::pair slow(row.duration_us, row.id);
    slowest_.insert(std::ranges::upper_bound(slowest_, slow, std::greater<>()), slow);
    if (slowest_.size() > statistics_entries) slowest_.pop_back();
  }

  void keep_failure(std::int64_t id) {
    failures_.push_back(id);
    if (failures_.size() > statistics_entries) failures_.pop_front();
  }

  std::int64_t from_;
  std::int64_t width_;
  Tally totals_;
  std::map<GroupKey, Tally> groups_;
  Tally others_;
  std::vector<Tally> buckets_;
  std::map<LimitKey, LimitTally> limits_;
  std::map<std::string, LimitTally::Finished, std::less<>> finished_;  // by endpoint
  std::vector<std::pair<std::int64_t, std::int64_t>> slowest_;         // duration and id, the slowest first
  std::deque<std::int64_t> failures_;
};

void Scan::fill(Statistics& statistics) const {
  statistics.totals = totals_.totals();
  for (const auto& [key, tally] : groups_)
    statistics.groups.push_back({key.first, key.second, false, tally.totals()});
  // Equal ones stay in the order of their names.
  std::ranges::sort(statistics.groups, [](const Group& left, const Group& right) {
    if (left.totals.requests != right.totals.requests) return left.totals.requests > right.totals.requests;
    return std::tie(left.model, left.endpoint) < std::tie(right.model, right.endpoint);
  });
  if (others_.requests() > 0) statistics.groups.push_back({"", "", true, others_.totals()});
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    statistics.buckets.push_back({from_ + static_cast<std::int64_t>(i) * width_, buckets_[i].totals()});
  for (const auto& [key, tally] : limits_) {
    const auto& [phase, source, endpoint] = key;
    const auto finished = finished_.find(endpoint);
    const LimitTally::Finished none;
    const auto& of = finished == finished_.end() ? none : finished->second;
    statistics.timeouts.push_back({phase, source, endpoint, tally.cut(), tally.estimate(phase, of)});
  }
  std::ranges::sort(statistics.timeouts, [](const Timeouts& left, const Timeouts& right) {
    if (left.count != right.count) return left.count > right.count;
    return std::tie(left.phase, left.source, left.endpoint) <
           std::tie(right.phase, right.source, right.endpoint);
  });
}

// Hands every row of the window to `take`, in the order of (started, id). False: the time was up.
template <class Take>
std::expected<bool, storage::Error> each_row(storage::Connection& connection, const Filter& filter,
                                             Take take) {
  std::optional<Cursor> after;
  for (;;) {
    Statement statement("SELECT ");
    statement.sql(statistics_columns).sql(" FROM requests WHERE TRUE").and_filter(filter);
    if (after) {
      statement.sql(" AND (started, id) > (").value(after->started).sql(", ").value(after->id).sql(")");
    }
    statement.sql(" ORDER BY started, id LIMIT ").value(static_cast<std::int64_t>(statistics_rows_per_read));
    const auto rows = statement.run(connection);
    if (!rows) {
      if (rows.error().kind == storage::ErrorKind::interrupted) return false;
      return std::unexpected(rows.error());
    }
    for (const auto row : *rows)
      take(StatisticsRow(row));
    if (rows->size() < statistics_rows_per_read) return true;
    const auto last = (*rows)[rows->size() - 1];
    after = Cursor{last.integer(0), last.integer(1)};
  }
}

// In the order of `ids`; one that is gone meanwhile is left out.
std::expected<std::vector<Entry>, storage::Error> entries_of(storage::Connection& connection,
                                                             const std::vector<std::int64_t>& ids) {
  std::vector<Entry> entries;
  for (const auto id : ids) {
    Statement statement("SELECT ");
    statement.sql(entry_columns).sql(" FROM requests WHERE id = ").value(id);
    const auto rows = statement.run(connection);
    if (!rows) return std::unexpected(rows.error());
    if (!rows->empty()) entries.push_back(entry_of(rows->front()));
  }
  return entries;
}

std::expected<Statistics, storage::Error> read(storage::Connection& connection,
                                               const StatisticsRequest& request) {
  Filter filter = request.filter;
  Statistics statistics;
  constexpr std::int64_t day = 86'400'000'000;
  statistics.to = filter.to.value_or(storage::to_microseconds(request.now));
  statistics.from = std::min(filter.from.value_or(statistics.to - day), statistics.to - 1);
  filter.from = statistics.from;
  filter.to = statistics.to;
  Scan scan(statistics.from, statistics.to,
            std::clamp<std::size_t>(request.buckets, 1, statistics_buckets_max));
  const auto whole = each_row(connection, filter, [&](const StatisticsRow& row) { scan.add(row); });
  if (!whole) return std::unexpected(whole.error());
  scan.fill(statistics);

  filter.to = statistics.from;
  filter.from = statistics.from - (statistics.to - statistics.from);
  Tally before;
  auto whole_before = std::expected<bool, storage::Error>(false);
  if (*whole) whole_before = each_row(connection, filter, [&](const StatisticsRow& row) { before.add(row); });
  if (!whole_before) return std::unexpected(whole_before.error());
  statistics.before = before.totals();
  statistics.complete = *whole && *whole_before;

  connection.set_deadline(std::nullopt);
  auto slowest = entries_of(connection, scan.slowest());
  if (!slowest) return std::unexpected(std::move(slowest.error()));
  statistics.slowest = std::move(*slowest);
  auto failures = entries_of(connection, scan.failures());
  if (!failures) return std::unexpected(std::move(failures.error()));
  statistics.failures = std::move(*failures);
  return statistics;
}

}  // namespace

std::expected<Statistics, storage::Error> read_statistics(storage::Connection& connection,
                                                          const StatisticsRequest& request) {
  connection.set_deadline(request.until);
  auto statistics = read(connection, request);
  connection.set_deadline(std::nullopt);
  return statistics;
}

}  // namespace punctual::requestlog
