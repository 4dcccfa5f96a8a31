#include "requestlog/exporter.hpp"

#include <algorithm>
#include <utility>

#include "requestlog/csv.hpp"
#include "requestlog/entry.hpp"
#include "requestlog/record_members.hpp"
#include "requestlog/statement.hpp"
#include "requestlog/times.hpp"

namespace punctual::requestlog {

namespace {

constexpr std::string_view csv_head =
    "id,time,ended,request_id,endpoint,provider,model,rule,status,outcome,limit,limit_source,api_key,"
    "duration_ms,first_token_ms,prompt_tokens,completion_tokens\r\n";

void append_csv(std::string& out, const Entry& entry) {
  CsvLine line(out);
  line.number(entry.id).text(rfc3339(entry.started)).text(rfc3339(entry.ended));
  line.text(entry.request_id).text(entry.endpoint).text(entry.provider).text(entry.model).text(entry.rule);
  line.number(entry.status).text(entry.outcome).text(entry.limit_phase).text(entry.limit_source);
  line.text(entry.api_key).milliseconds(entry.duration_us).milliseconds(entry.first_token_us);
  line.number(entry.prompt_tokens).number(entry.completion_tokens).end();
}

}  // namespace

std::expected<Exporter, storage::Error> Exporter::open(storage::Connection& connection, Filter filter,
                                                       ExportFormat format) {
  Exporter exporter(connection, std::move(filter), format);
  const auto rows = connection.execute("SELECT MIN(id), MAX(id) FROM requests");
  if (!rows) return std::unexpected(rows.error());
  if (!rows->front().is_null(0)) {
    exporter.after_id_ = rows->front().integer(0) - 1;
    exporter.last_id_ = rows->front().integer(1);
  }
  return exporter;
}

std::size_t Exporter::rows_per_piece() const {
  if (rows_ == 0) return 32;
  return std::clamp<std::size_t>(piece_bytes / static_cast<std::size_t>(row_bytes_ / rows_ + 1), 1, 1000);
}

void Exporter::append(std::string& out, storage::Row row) const {
  const auto entry = entry_of(row);
  if (format_ == ExportFormat::csv) return append_csv(out, entry);
  append_whole(out, row.text(entry_column_count), entry);
  out.push_back('\n');
}

ExportState Exporter::next(std::string& out) {
  if (!std::exchange(began_, true) && format_ == ExportFormat::csv) out.append(csv_head);
  if (after_id_ >= last_id_) return ExportState::ended;

  const std::int64_t last_id = std::min(last_id_, after_id_ + ids_per_piece_max);
  const std::size_t rows_max = rows_per_piece();
  Statement statement("SELECT ");
  statement.sql(entry_columns).sql(format_ == ExportFormat::csv ? "" : ", document").sql(" FROM requests");
  statement.sql(" WHERE id > ").value(after_id_).sql(" AND id <= ").value(last_id).and_filter(filter_);
  statement.sql(" ORDER BY id LIMIT ").value(static_cast<std::int64_t>(rows_max));
  auto rows = statement.run(*connection_);
  if (!rows) {
    error_ = std::move(rows.error());
    return ExportState::failed;
  }
  const std::size_t before = out.size();
  for (const auto row : *rows)
    append(out, row);
  rows_ += rows->size();
  row_bytes_ += out.size() - before;
  after_id_ = rows->size() < rows_max ? last_id : (*rows)[rows->size() - 1].integer(0);
  return after_id_ >= last_id_ ? ExportState::ended : ExportState::more;
}

std::string_view media_type(ExportFormat format) {
  return format == ExportFormat::csv ? "text/csv; charset=utf-8; header=present" : "application/jsonl";
}

}  // namespace punctual::requestlog
