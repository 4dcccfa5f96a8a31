#include "datasource/postgresql_execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "datasource/postgresql_checks.hpp"
#include "storage/now.hpp"

namespace punctual::datasource {

namespace {

constexpr int rows_per_fetch = 200;

// pg_type.dat, fixed for ever.
constexpr Oid type_bool = 16;
constexpr Oid type_int8 = 20;
constexpr Oid type_int2 = 21;
constexpr Oid type_int4 = 23;
constexpr Oid type_oid = 26;
constexpr Oid type_float4 = 700;
constexpr Oid type_float8 = 701;
constexpr Oid type_date = 1082;
constexpr Oid type_time = 1083;
constexpr Oid type_timestamp = 1114;
constexpr Oid type_timestamptz = 1184;
constexpr Oid type_interval = 1186;
constexpr Oid type_numeric = 1700;
constexpr Oid type_uuid = 2950;
constexpr std::array<Oid, 14> short_types = {
    type_bool, type_int8, type_int2,      type_int4,        type_oid,      type_float4, type_float8,
    type_date, type_time, type_timestamp, type_timestamptz, type_interval, type_uuid,   type_numeric};
// Of all cells of a row together, in characters: what the gateway has in memory at once.
constexpr std::size_t row_characters_max = std::size_t{4} << 20;

constexpr const char* tables_sql = R"(
SELECT n.nspname AS "schema", c.relname AS "table",
  CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
  CASE WHEN c.reltuples >= 0 AND c.relkind IN ('r', 'm') THEN c.reltuples::bigint END AS rows_estimated,
  obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp\_%'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
ORDER BY 1, 2)";

// $1 as "schema.table", or a table of the search path.
constexpr const char* columns_sql = R"(
SELECT a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type,
  CASE WHEN a.attnotnull THEN 'no' ELSE 'yes' END AS nullable, pg_get_expr(d.adbin, d.adrelid) AS "default",
  coalesce((SELECT string_agg(pg_get_constraintdef(k.oid), '; ' ORDER BY k.contype DESC) FROM pg_constraint k
    WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'f') AND a.attnum = ANY (k.conkey)), '') AS "key",
  col_description(c.oid, a.attnum) AS comment
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
  AND (n.nspname || '.' || c.relname = $1::text OR (c.relname = $1::text AND pg_table_is_visible(c.oid)))
  AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY c.oid, a.attnum)";

Ended ended(End end, std::string error) {
  Ended result;
  result.end = end;
  result.error = std::move(error);
  return result;
}

// What the server itself must keep to. Nobody waits for a lock as long as for a result; what is left of a
// connection that was lost ends soon. Not every version has the last one.
std::optional<Ended> prepare(PostgresqlSession& session, deadline::Instant until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - storage::now()).count();
  const auto milliseconds = std::max<std::int64_t>(left, 1);
  auto failed = session.command(fmt::format(
      "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {};"
      " SET default_transaction_read_only = on; SET bytea_output = 'hex'; SET DateStyle = 'ISO'; SET "
      "IntervalStyle ="
      " 'postgres'; SET extra_float_digits = 1; SET jit = off; SET client_min_messages = error",
      milliseconds, std::min<std::int64_t>(milliseconds, 5000), milliseconds + 5000));
  if (failed) return failed;
  if (session.server_version() >= 140000)
    return session.command("SET client_connection_check_interval = 200");
  return std::nullopt;
}

std::expected<std::unique_ptr<PostgresqlSession>, Ended> open_checked(const Source& source,
                                                                      deadline::Instant until,
                                                                      const CancelToken& token) {
  auto session = PostgresqlSession::open(source, until, token);
  if (!session) return session;
  if (auto failed = prepare(**session, until)) return std::unexpected(std::move(*failed));
  const auto objection = objection_to_role(**session);
  if (!objection) return std::unexpected(objection.error());
  if (*objection) return std::unexpected(ended(End::refused, **objection));
  return session;
}

// Where the server has cut a text, its whole length is in `length_column`.
void write_cell(const PGresult* row, int column, int length_column, ResultWriter& writer) {
  if (PQgetisnull(row, 0, column) != 0) return writer.null();
  const std::string_view text(PQgetvalue(row, 0, column),
                              static_cast<std::size_t>(PQgetlength(row, 0, column)));
  switch (PQftype(row, column)) {
    case type_bool:
      return writer.truth(text == "t");
    case type_int2:
    case type_int4:
    case type_int8:
    case type_oid: {
      std::int64_t number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      return writer.integer(number);
    }
    case type_float4:
    case type_float8:
    case type_numeric:
      return writer.number(text);
    default:
      break;
  }
  if (length_column < 0 || PQgetisnull(row, 0, length_column) != 0) return writer.text(text);
  std::size_t bytes = 0;
  const std::string_view length(PQgetvalue(row, 0, length_column));
  std::from_chars(length.data(), length.data() + length.size(), bytes);
  writer.text(text, bytes);
}

// Hands rows to the writer, of one statement or of several FETCHes of one cursor. Without columns the names
// are those of the answer; with them each is followed by its length where it may have been cut.
class Rows {
 public:
  explicit Rows(ResultWriter& writer) : writer_(writer) {}
  Rows(ResultWriter& writer, const std::vector<PostgresqlSession::Column>& columns) : writer_(writer) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    int at = 0;
    for (const auto& column : columns) {
      names.push_back(column.name);
      const bool cut = is_long(column.type);
      places_.emplace_back(at, cut ? at + 1 : -1);
      at += cut ? 2 : 1;
    }
    writer_.columns(names);
  }

  static bool is_long(Oid type) { return std::ranges::find(short_types, type) == short_types.end(); }

  bool take(const PGresult* result) {
    if (places_.empty()) take_columns(result);
    if (PQntuples(result) == 0) return true;
    ++fetched_;
    for (const auto& [column, length] : places_)
      write_cell(result, column, length, writer_);
    state_ = writer_.end_row();
    return state_ == ResultWriter::State::more;
  }
  std::int64_t fetched() const { return fetched_; }
  ResultWriter::State state() const { return state_; }

 private:
  void take_columns(const PGresult* result) {
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(PQnfields(result)));
    for (int column = 0; column < PQnfields(result); ++column) {
      names.emplace_back(PQfname(result, column));
      places_.emplace_back(column, -1);
    }
    writer_.columns(names);
  }

  ResultWriter& writer_;
  std::vector<std::pair<int, int>> places_;  // of each cell, and of its length
  std::int64_t fetched_ = 0;
  ResultWriter::State state_ = ResultWriter::State::more;
};

Ended outcome_of(const Rows& rows) {
  if (rows.state() == ResultWriter::State::stopped)
    return ended(End::cancelled, "nobody wanted the rest of the result");
  return {};
}

Ended own_statement(PostgresqlSession& session, const char* sql, const std::vector<std::string>& parameters,
                    ResultWriter& writer) {
  if (auto failed = session.command("BEGIN TRANSACTION READ ONLY")) return *failed;
  Rows rows(writer);
  const auto refusal =
      session.statement(sql, parameters, [&rows](const PGresult* result) { return rows.take(result); });
  return refusal ? refusal->ended : outcome_of(rows);
}

// What the check has in parentheses cannot end with a semicolon.
std::string without_end(std::string_view sql) {
  return std::string(sql.substr(0, sql.find_last_not_of("; \t\r\n") + 1));
}

// The statement as it was checked, with long cells cut by the server. OFFSET keeps it from computing them
// twice.
std::string cut_select(const std::string& sql, const std::vector<PostgresqlSession::Column>& columns,
                       const Bounds& bounds) {
  const auto characters = std::min(static_cast<std::size_t>(bounds.cell_bytes_max),
                                   std::max<std::size_t>(row_characters_max / columns.size(), 1));
  std::string cells;
  std::string names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = fmt::format("c{}", i + 1);
    if (i > 0) cells += ", ", names += ", ";
    names += name;
    cells += Rows::is_long(columns[i].type) ? fmt::format(
                                                  "left({0}::text, {1}), CASE WHEN octet_length({0}::text) > "
                                                  "{1} THEN octet_length({0}::text) END",
                                                  name, characters)
                                            : name;
  }
  return fmt::format("SELECT {} FROM (SELECT * FROM (\n{}\n) AS raw OFFSET 0) AS asked ({})", cells, sql,
                     names);
}

// In a cursor, which takes nothing but a SELECT. Never committed: what a read-only transaction lets through,
// such as a notification, is undone.
Ended run_select(PostgresqlSession& session, const std::string& sql, const Bounds& bounds,
                 ResultWriter& writer) {
  const auto columns = checked_statement(session, sql);
  if (!columns) return columns.error();
  if (auto failed = session.command("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    return *failed;
  const std::string cursor = "DECLARE asked NO SCROLL CURSOR FOR " + cut_select(sql, *columns, bounds);
  if (const auto refusal = session.statement(cursor, {}, {})) return refusal->ended;
  const std::string fetch = fmt::format("FETCH FORWARD {} FROM asked", rows_per_fetch);
  Rows rows(writer, *columns);
  for (std::int64_t before = -rows_per_fetch; rows.fetched() - before == rows_per_fetch;) {
    before = rows.fetched();
    const auto refusal =
        session.statement(fetch, {}, [&rows](const PGresult* result) { return rows.take(result); });
    if (refusal) return refusal->ended;
    if (rows.state() != ResultWriter::State::more) return outcome_of(rows);
  }
  return {};
}

}  // namespace

Ended run_on_postgresql(const Source& source, const Statement& statement, deadline::Instant until,
                        const CancelToken& token, ResultWriter& writer) {
  const auto session = open_checked(source, until, token);
  if (!session) return session.error();
  if (statement.tool == Tool::list_tables) return own_statement(**session, tables_sql, {}, writer);
  if (statement.tool == Tool::query)
    return run_select(**session, without_end(statement.text), source.bounds, writer);
  std::string table = statement.text;
  std::erase(table, '"');
  Ended result = own_statement(**session, columns_sql, {table}, writer);
  if (result.end != End::success || !writer.empty()) return result;
  return ended(End::failed,
               "there is no table or view \"" + table + "\" that may be read: list_tables names them");
}

Examined examine_postgresql(const Source& source, deadline::Instant until, const CancelToken& token) {
  Examined examined;
  auto session = PostgresqlSession::open(source, until, token);
  if (!session) {
    examined.problem = session.error().error;
    examined.field = "host";
    return examined;
  }
  const int version = (*session)->server_version();
  examined.server = fmt::format("PostgreSQL {}.{}", version / 10000, version % 10000);
  session->reset();
  const Sink counting = [&examined](const Piece& piece) {
    examined.tables += piece.rows.size();
    return true;
  };
  const Bounds bounds{.rows_max = 100'000, .bytes_max = 67'108'864, .cell_bytes_max = 1000};
  ResultWriter writer(bounds, counting);
  const Ended result = run_on_postgresql(source, {Tool::list_tables, {}}, until, token, writer);
  writer.finish();
  examined.ok = result.end == End::success;
  examined.problem = result.error;
  if (!examined.ok) examined.field = "user";
  return examined;
}

}  // namespace punctual::datasource
