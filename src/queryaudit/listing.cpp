#include "queryaudit/listing.hpp"

#include <algorithm>

#include "queryaudit/rows.hpp"
#include "requestlog/csv.hpp"
#include "requestlog/times.hpp"

namespace punctual::queryaudit {

namespace {

using requestlog::ExportFormat;
using requestlog::ExportState;
using requestlog::Statement;

constexpr std::int64_t rows_per_piece = 50;

constexpr std::string_view csv_head =
    "id,time,ended,user,model,chat_id,request_id,round,data_source,kind,tool,sql,reason,outcome,rows,bytes,"
    "truncated,duration_ms,error,result_hash,hash\r\n";

bool has_ended(const Record& record) {
  return record.outcome != Outcome::running;
}

const std::string& hash_of(const Record& record) {
  return has_ended(record) ? record.end_hash : record.hash;
}

void append_csv(std::string& out, const Record& record) {
  const auto& [at, until, user, model, chat_id, request_id, round, data_source, kind, tool, statement,
               reason] = record.started;
  const auto& finished = record.finished;
  requestlog::CsvLine line(out);
  line.number(record.id).text(requestlog::rfc3339(at));
  line.text(has_ended(record) ? requestlog::rfc3339(finished.at) : std::string());
  line.text(user).text(model).text(chat_id).text(request_id).number(round).text(data_source).text(kind);
  line.text(tool).text(statement).text(reason).text(name_of(record.outcome)).number(finished.rows);
  line.number(finished.bytes).text(finished.truncated ? "true" : "false").milliseconds(finished.duration_us);
  line.text(finished.error).text(finished.result_hash).text(hash_of(record)).end();
}

}  // namespace

std::expected<Page, storage::Error> list(storage::Connection& connection, const Filter& filter,
                                         std::optional<std::int64_t> older_than, std::int64_t records_max) {
  const std::int64_t most = std::clamp<std::int64_t>(records_max, 1, page_records_max);
  Statement statement("SELECT ");
  statement.sql(record_columns).sql(" FROM queries WHERE TRUE");
  if (older_than) statement.sql(" AND id < ").value(*older_than);
  add_filter(statement, filter);
  statement.sql(" ORDER BY id DESC LIMIT ").value(most + 1);
  const auto rows = statement.run(connection);
  if (!rows) return std::unexpected(rows.error());
  Page page;
  page.records.reserve(rows->size());
  for (const auto row : *rows)
    page.records.push_back(record_of(row));
  if (static_cast<std::int64_t>(page.records.size()) > most) {
    page.records.pop_back();
    page.older = page.records.back().id;
  }
  return page;
}

std::expected<std::optional<Record>, storage::Error> find(storage::Connection& connection, std::int64_t id) {
  Statement statement("SELECT ");
  statement.sql(record_columns).sql(" FROM queries WHERE id = ").value(id);
  const auto rows = statement.run(connection);
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  return record_of(rows->front());
}

boost::json::object to_json(const Record& record) {
  const auto& started = record.started;
  const auto& finished = record.finished;
  boost::json::object object = {{"id", std::to_string(record.id)},
                                {"at", requestlog::rfc3339(started.at)},
                                {"user", started.user},
                                {"model", started.model},
                                {"chat_id", started.chat_id},
                                {"request_id", started.request_id},
                                {"round", started.round},
                                {"data_source", started.data_source},
                                {"kind", started.kind},
                                {"tool", started.tool},
                                {"sql", started.statement},
                                {"reason", started.reason},
                                {"outcome", name_of(record.outcome)},
                                {"rows", finished.rows},
                                {"bytes", finished.bytes},
                                {"truncated", finished.truncated},
                                {"milliseconds", requestlog::milliseconds(finished.duration_us)},
                                {"hash", hash_of(record)}};
  if (has_ended(record)) object["finished_at"] = requestlog::rfc3339(finished.at);
  if (!finished.error.empty()) object["error"] = finished.error;
  if (!finished.result_hash.empty()) object["result_hash"] = finished.result_hash;
  return object;
}

std::expected<Exporter, storage::Error> Exporter::open(storage::Connection& connection, Filter filter,
                                                       ExportFormat format) {
  Exporter exporter(connection, std::move(filter), format);
  const auto rows = connection.execute("SELECT MAX(id) FROM queries");
  if (!rows) return std::unexpected(rows.error());
  exporter.last_ = rows->front().optional_integer(0).value_or(0);
  return exporter;
}

ExportState Exporter::next(std::string& out) {
  if (!std::exchange(began_, true) && format_ == ExportFormat::csv) out.append(csv_head);
  if (after_ >= last_) return ExportState::ended;
  Statement statement("SELECT ");
  statement.sql(record_columns)
      .sql(" FROM queries WHERE id > ")
      .value(after_)
      .sql(" AND id <= ")
      .value(last_);
  add_filter(statement, filter_);
  statement.sql(" ORDER BY id LIMIT ").value(rows_per_piece);
  const auto rows = statement.run(*connection_);
  if (!rows) return ExportState::failed;
  for (const auto row : *rows) {
    const Record record = record_of(row);
    after_ = record.id;
    if (format_ == ExportFormat::csv) {
      append_csv(out, record);
    } else {
      out.append(boost::json::serialize(to_json(record))).append("\n");
    }
  }
  if (static_cast<std::int64_t>(rows->size()) < rows_per_piece) after_ = last_;
  return after_ >= last_ ? ExportState::ended : ExportState::more;
}

}  // namespace punctual::queryaudit
