#include "requestlog/tail.hpp"

#include <algorithm>

#include "requestlog/statement.hpp"

namespace punctual::requestlog {

std::expected<Tail, storage::Error> read_tail(storage::Connection& connection, const Filter& filter,
                                              std::int64_t after, std::size_t entries_max) {
  // Read first: what becomes visible between the two statements is for the next call.
  const auto latest = latest_id(connection);
  if (!latest) return std::unexpected(latest.error());
  Tail tail;
  tail.seen = std::max(after, *latest);
  if (*latest <= after) return tail;

  Statement statement("SELECT ");
  statement.sql(entry_columns).sql(" FROM requests WHERE id > ").value(after);
  statement.sql(" AND id <= ").value(*latest).and_filter(filter);
  statement.sql(" ORDER BY id LIMIT ").value(static_cast<std::int64_t>(entries_max));
  const auto rows = statement.run(connection);
  if (!rows) return std::unexpected(rows.error());
  tail.entries.reserve(rows->size());
  for (const auto row : *rows)
    tail.entries.push_back(entry_of(row));
  if (tail.entries.size() == entries_max && !tail.entries.empty()) {
    tail.seen = tail.entries.back().id;
    tail.more = tail.seen < *latest;
  }
  return tail;
}

std::expected<std::int64_t, storage::Error> latest_id(storage::Connection& connection) {
  const auto rows = connection.execute("SELECT MAX(id) FROM requests");
  if (!rows) return std::unexpected(rows.error());
  return rows->front().optional_integer(0).value_or(0);
}

}  // namespace punctual::requestlog
