#include "requestlog/listing.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "requestlog/record_members.hpp"
#include "requestlog/statement.hpp"

namespace punctual::requestlog {

namespace {

std::vector<Entry> entries_of(const storage::Rows& rows, std::size_t entries_max) {
  std::vector<Entry> entries;
  entries.reserve(std::min(rows.size(), entries_max));
  for (std::size_t i = 0; i < std::min(rows.size(), entries_max); ++i)
    entries.push_back(entry_of(rows[i]));
  return entries;
}

Cursor cursor_of(const Entry& entry) {
  return {entry.started, entry.id};
}

std::expected<std::optional<Detail>, storage::Error> find(storage::Connection& connection,
                                                          std::string_view condition, storage::Value value) {
  Statement statement("SELECT ");
  statement.sql(entry_columns).sql(", document FROM requests WHERE ").sql(condition).sql(" = ");
  statement.value(std::move(value)).sql(" ORDER BY id DESC LIMIT 1");
  const auto rows = statement.run(connection);
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  Detail detail{entry_of(rows->front()), {}, {}, {}};
  append_whole(detail.document, rows->front().text(entry_column_count), detail.entry);
  const auto contents =
      connection.execute("SELECT prompt, answer FROM contents WHERE request = $1", {detail.entry.id});
  if (!contents) return std::unexpected(contents.error());
  if (!contents->empty()) {
    detail.prompt = contents->front().optional_text(0);
    detail.answer = contents->front().optional_text(1);
  }
  return detail;
}

}  // namespace

std::expected<Page, storage::Error> list(storage::Connection& connection, const PageRequest& request) {
  const std::size_t entries_max = std::clamp<std::size_t>(request.entries_max, 1, page_entries_max);
  const bool forwards = request.newer_than && !request.older_than;
  Statement statement("SELECT ");
  statement.sql(entry_columns).sql(" FROM requests WHERE TRUE");
  const auto beyond = [&](std::string_view comparison, const Cursor& cursor) {
    statement.sql(" AND (started, id) ").sql(comparison).sql(" (").value(cursor.started).sql(", ");
    statement.value(cursor.id).sql(")");
  };
  if (request.older_than) beyond("<", *request.older_than);
  if (request.newer_than) beyond(">", *request.newer_than);
  statement.and_filter(request.filter);
  statement.sql(forwards ? " ORDER BY started, id LIMIT " : " ORDER BY started DESC, id DESC LIMIT ");
  statement.value(static_cast<std::int64_t>(entries_max + 1));
  const auto rows = statement.run(connection);
  if (!rows) return std::unexpected(rows.error());

  Page page{entries_of(*rows, entries_max), {}, {}, false};
  const bool more = rows->size() > entries_max;
  if (forwards) std::ranges::reverse(page.entries);
  page.more_newer = forwards && more;
  page.newer = page.entries.empty() ? request.newer_than : cursor_of(page.entries.front());
  if (!forwards && more) page.older = cursor_of(page.entries.back());
  return page;
}

std::expected<std::int64_t, storage::Error> count_up_to(storage::Connection& connection, const Filter& filter,
                                                        std::int64_t count_max) {
  Statement statement("SELECT COUNT(*) FROM (SELECT 1 FROM requests WHERE TRUE");
  statement.and_filter(filter).sql(" LIMIT ").value(count_max).sql(") AS matching");
  const auto rows = statement.run(connection);
  if (!rows) return std::unexpected(rows.error());
  return rows->front().integer(0);
}

std::expected<std::optional<Detail>, storage::Error> find_by_id(storage::Connection& connection,
                                                                std::int64_t id) {
  return find(connection, "id", id);
}

std::expected<std::optional<Detail>, storage::Error> find_by_request_id(storage::Connection& connection,
                                                                        const std::string& request_id) {
  return find(connection, "request_id", request_id);
}

boost::json::object to_json(const Page& page) {
  boost::json::array entries;
  entries.reserve(page.entries.size());
  for (const auto& entry : page.entries)
    entries.push_back(to_json(entry));
  boost::json::object object;
  object["requests"] = std::move(entries);
  if (page.older) object["older"] = page.older->text();
  if (page.newer) object["newer"] = page.newer->text();
  if (page.more_newer) object["more_newer"] = true;
  return object;
}

}  // namespace punctual::requestlog
