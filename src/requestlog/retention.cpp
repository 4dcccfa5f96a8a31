#include "requestlog/retention.hpp"

#include <algorithm>
#include <limits>
#include <memory>

namespace punctual::requestlog {

struct Retention::Batch {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::int64_t newest = std::numeric_limits<std::int64_t>::min();
  bool last = false;  // there was nothing left to find
};

namespace {

// The oldest rows that began before `started_before`, until there are `bytes_wanted` of them.
constexpr std::string_view oldest_sql =
    "SELECT id, started, bytes FROM requests WHERE started < $1 ORDER BY started, id LIMIT $2";

// By place in the order of age: what is deleted is older than all that is kept, whoever writes beside us.
constexpr std::string_view delete_sql =
    "DELETE FROM requests WHERE (started, id) <= ($1, $2) RETURNING started, bytes";

constexpr std::string_view delete_contents_sql =
    "DELETE FROM contents WHERE request IN (SELECT request FROM contents WHERE created < $1"
    " ORDER BY request LIMIT $2)";

}  // namespace

std::expected<Retention::Batch, storage::Error> Retention::delete_requests(
    std::int64_t started_before, std::optional<std::int64_t> bytes_wanted) {
  const auto batch = std::make_shared<Batch>();
  const auto outcome = store_.write([=](storage::Connection& connection) -> storage::Outcome {
    *batch = {};
    const auto oldest = connection.execute(oldest_sql, {started_before, rows_per_batch});
    if (!oldest) return std::unexpected(oldest.error());
    batch->last = static_cast<std::int64_t>(oldest->size()) < rows_per_batch;
    if (oldest->empty()) return {};
    std::size_t count = 0;
    for (std::int64_t bytes = 0; count < oldest->size() && (!bytes_wanted || bytes < *bytes_wanted); ++count)
      bytes += (*oldest)[count].integer(2);
    if (count == 0) return {};
    const auto newest = (*oldest)[count - 1];
    const auto deleted = connection.execute(delete_sql, {newest.integer(1), newest.integer(0)});
    if (!deleted) return std::unexpected(deleted.error());
    for (const auto row : *deleted) {
      ++batch->rows;
      batch->newest = std::max(batch->newest, row.integer(0));
      batch->bytes += row.integer(1);
    }
    return {};
  });
  if (!outcome) return std::unexpected(outcome.error());
  counted_bytes_ -= batch->bytes;
  return *batch;
}

std::expected<std::int64_t, storage::Error> Retention::delete_contents(std::int64_t created_before) {
  const auto count = std::make_shared<std::int64_t>(0);
  const auto outcome = store_.write([=](storage::Connection& connection) -> storage::Outcome {
    const auto rows = connection.execute(delete_contents_sql, {created_before, rows_per_batch});
    if (!rows) return std::unexpected(rows.error());
    *count = rows->changed();
    return {};
  });
  if (!outcome) return std::unexpected(outcome.error());
  return *count;
}

std::int64_t Retention::running_total() const {
  return counted_bytes_ + static_cast<std::int64_t>(stored_bytes_() - stored_when_counted_);
}

storage::Outcome Retention::count_bytes() {
  auto reader = store_.reader();
  if (!reader) return std::unexpected(std::move(reader.error()));
  const auto rows = (*reader)->execute("SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM requests");
  if (!rows) return std::unexpected(rows.error());
  counted_bytes_ = rows->front().integer(0);
  // Read afterwards: what is stored meanwhile is missed until the next count rather than counted twice, which
  // would delete what need not go.
  stored_when_counted_ = stored_bytes_();
  counted_at_ = clock_.now();
  return {};
}

storage::Outcome Retention::by_age(Deleted& deleted, std::int64_t started_before, int& batches) {
  for (bool last = false; !last;) {
    if (batches-- <= 0) {
      deleted.finished = false;
      return {};
    }
    const auto batch = delete_requests(started_before, std::nullopt);
    if (!batch) return std::unexpected(batch.error());
    last = batch->last;
    if (batch->rows == 0) break;
    deleted.requests_by_age += batch->rows;
    deleted.bytes += batch->bytes;
    deleted.newest = std::max(deleted.newest.value_or(batch->newest), batch->newest);
  }
  return {};
}

storage::Outcome Retention::by_size(Deleted& deleted, std::int64_t bytes_max, int& batches) {
  if (running_total() <= bytes_max) return {};
  if (auto counted = count_bytes(); !counted) return counted;
  while (running_total() > bytes_max) {
    if (batches-- <= 0) {
      deleted.finished = false;
      return {};
    }
    const auto batch = delete_requests(std::numeric_limits<std::int64_t>::max(), running_total() - bytes_max);
    if (!batch) return std::unexpected(batch.error());
    if (batch->rows == 0) break;
    deleted.requests_by_size += batch->rows;
    deleted.bytes += batch->bytes;
    deleted.newest = std::max(deleted.newest.value_or(batch->newest), batch->newest);
  }
  return {};
}

std::expected<Deleted, storage::Error> Retention::run(const RetentionPolicy& policy) {
  Deleted deleted;
  int batches = batches_per_run;
  const auto now = clock_.wall_now();
  if (!counted_at_ || clock_.now() - *counted_at_ >= counted_every) {
    if (auto counted = count_bytes(); !counted) return std::unexpected(std::move(counted.error()));
  }
  if (policy.contents_age_max) {
    const auto before = storage::to_microseconds(now - *policy.contents_age_max);
    for (std::int64_t count = rows_per_batch; count == rows_per_batch && batches-- > 0;) {
      const auto gone = delete_contents(before);
      if (!gone) return std::unexpected(gone.error());
      count = *gone;
      deleted.contents += count;
    }
  }
  if (policy.age_max) {
    const auto before = storage::to_microseconds(now - *policy.age_max);
    if (auto done = by_age(deleted, before, batches); !done) return std::unexpected(std::move(done.error()));
  }
  if (policy.bytes_max) {
    if (auto done = by_size(deleted, *policy.bytes_max, batches); !done)
      return std::unexpected(std::move(done.error()));
  }
  deleted.bytes_kept = running_total();
  auto reader = store_.reader();
  if (!reader) return std::unexpected(std::move(reader.error()));
  const auto oldest = (*reader)->execute("SELECT MIN(started) FROM requests");
  if (!oldest) return std::unexpected(oldest.error());
  deleted.oldest_kept = oldest->front().optional_integer(0);
  return deleted;
}

}  // namespace punctual::requestlog
