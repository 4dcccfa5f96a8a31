#include "requestlog/record_batch.hpp"

#include <iterator>
#include <numeric>

#include "requestlog/record_row.hpp"

namespace punctual::requestlog {

namespace {

// A batch is committed as a whole, so its first row speaks for all of it.
std::expected<bool, storage::Error> is_stored(storage::Connection& connection,
                                              const std::vector<storage::Value>& row) {
  const auto found = connection.execute(
      "SELECT 1 FROM requests WHERE request_id = $1 AND started = $2 AND document = $3 LIMIT 1",
      {row[request_column::request_id], row[request_column::started], row[request_column::document]});
  if (!found) return std::unexpected(found.error());
  return !found->empty();
}

}  // namespace

std::size_t RecordBatch::queued_bytes() const {
  return std::accumulate(line_bytes.begin(), line_bytes.end(), std::size_t{0});
}

std::uint64_t RecordBatch::stored_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& row : rows)
    bytes += static_cast<std::uint64_t>(std::get<std::int64_t>(row[request_column::bytes]));
  return bytes;
}

std::shared_ptr<RecordBatch> RecordBatch::split() {
  auto second = std::make_shared<RecordBatch>();
  const auto half = static_cast<std::ptrdiff_t>(rows.size() / 2);
  second->rows.assign(std::move_iterator(rows.begin() + half), std::move_iterator(rows.end()));
  second->line_bytes.assign(line_bytes.begin() + half, line_bytes.end());
  second->perhaps_stored = perhaps_stored;
  rows.resize(static_cast<std::size_t>(half));
  line_bytes.resize(static_cast<std::size_t>(half));
  return second;
}

storage::Outcome store(storage::Connection& connection, const RecordBatch& batch) {
  for (const auto& contents : batch.contents) {
    if (auto stored = store_contents(connection, contents, batch.contents_created); !stored) return stored;
  }
  if (batch.rows.empty()) return {};
  if (batch.perhaps_stored) {
    const auto stored = is_stored(connection, batch.rows.front());
    if (!stored) return std::unexpected(stored.error());
    if (*stored) return {};
  }
  if (auto ordered = storage::order_appends(connection); !ordered) return ordered;
  const auto inserted = connection.insert(inserted_requests, batch.rows);
  if (!inserted) return std::unexpected(inserted.error());
  return connection.notify("requests", "");
}

}  // namespace punctual::requestlog
