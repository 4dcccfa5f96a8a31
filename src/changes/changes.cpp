#include "changes/changes.hpp"

#include <algorithm>
#include <limits>

#include "storage/store.hpp"

namespace punctual::changes {

namespace {

using storage::Value;

bool is_too_long(const std::optional<std::string>& value) {
  return value && value->size() > value_bytes_max;
}

Value stored(const std::optional<std::string>& value) {
  return value ? Value(storage::storable_text(*value)) : Value();
}

}  // namespace

storage::Outcome record(storage::Connection& connection, std::int64_t now_microseconds,
                        const Change& change) {
  if (is_too_long(change.before) || is_too_long(change.after)) {
    return std::unexpected(
        storage::Error{storage::ErrorKind::refused,
                       "a change of more than 65536 bytes cannot be recorded: make it smaller",
                       {}});
  }
  if (const auto ordered = storage::order_appends(connection); !ordered) return ordered;
  const Value request_id =
      change.request_id.empty() ? Value() : Value(storage::storable_text(change.request_id));
  const auto inserted = connection.execute(
      "INSERT INTO changes (at, actor, action, subject, before_value, after_value, request_id)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {now_microseconds, storage::storable_text(change.actor), storage::storable_text(change.action),
       storage::storable_text(change.subject), stored(change.before), stored(change.after), request_id});
  if (!inserted) return std::unexpected(inserted.error());
  return {};
}

std::expected<std::vector<RecordedChange>, storage::Error> list(storage::Connection& connection,
                                                                const Filter& filter) {
  // A prefix is compared by characters: LIKE ignores case in one database, and has wildcards.
  const auto rows = connection.execute(
      "SELECT id, at, actor, action, subject, before_value, after_value, request_id FROM changes"
      " WHERE id < $1 AND (CAST($2 AS TEXT) = '' OR actor = CAST($2 AS TEXT))"
      " AND substr(subject, 1, length(CAST($3 AS TEXT))) = CAST($3 AS TEXT)"
      " ORDER BY id DESC LIMIT $4",
      {filter.before_id.value_or(std::numeric_limits<std::int64_t>::max()),
       storage::storable_text(filter.actor), storage::storable_text(filter.subject_prefix),
       std::clamp<std::int64_t>(filter.rows_max, 1, page_rows_max)});
  if (!rows) return std::unexpected(rows.error());
  std::vector<RecordedChange> found;
  found.reserve(rows->size());
  for (const auto row : *rows) {
    RecordedChange one;
    one.id = row.integer(0);
    one.at_microseconds = row.integer(1);
    one.change = {row.text(2),          row.text(3),          row.text(4),
                  row.optional_text(5), row.optional_text(6), row.optional_text(7).value_or("")};
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace punctual::changes
