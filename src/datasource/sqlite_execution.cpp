#include "datasource/sqlite_execution.hpp"

#include <sqlite3.h>

#include <expected>
#include <filesystem>
#include <memory>
#include <string_view>

#include "datasource/sqlite_guard.hpp"
#include "storage/sqlite_memory.hpp"

namespace punctual::datasource {

namespace {

constexpr const char* tables_sql =
    "SELECT name AS \"table\", type AS kind FROM sqlite_schema WHERE type IN ('table', 'view')"
    " AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name";
constexpr const char* columns_sql =
    "SELECT name AS \"column\", type, CASE WHEN \"notnull\" THEN 'no' ELSE 'yes' END AS nullable,"
    " dflt_value AS \"default\", CASE WHEN pk THEN 'primary key ' || pk ELSE '' END AS \"key\""
    " FROM pragma_table_xinfo(?1) WHERE hidden <> 1";

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

Ended ended(End end, std::string error) {
  Ended result;
  result.end = end;
  result.error = std::move(error);
  return result;
}

// Everything of one connection; the guard ends before it is closed.
struct Session {
  storage::SqliteMemoryBudget budget{SqliteGuard::memory_bytes_max};
  Database database;
  std::unique_ptr<SqliteGuard> guard;

  Ended failure(int code) const;
};

Ended Session::failure(int code) const {
  if (guard->cancelled()) return ended(End::cancelled, "the query was cancelled");
  if (!guard->denied().empty())
    return ended(End::refused, "only reading is allowed, and this is not: " + guard->denied());
  switch (code & 0xff) {
    case SQLITE_INTERRUPT:
      return ended(End::timeout, "the query took longer than it was given");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      if (guard->out_of_time()) return ended(End::timeout, "another program kept the database locked");
      break;
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return ended(End::refused, std::string("only reading is allowed: ") + sqlite3_errmsg(database.get()));
    case SQLITE_NOMEM:
      return ended(End::failed, "the query needs more than 128 MiB of memory: ask for less at once");
    case SQLITE_TOOBIG:
      return ended(End::failed,
                   "a value or a row is longer than 8 MiB: choose fewer columns, or a part with substr()");
    case SQLITE_CANTOPEN:
      return ended(End::failed,
                   "the file cannot be opened: look at its path, and whether the gateway's user may read it "
                   "and its folder");
    case SQLITE_NOTADB:
      return ended(End::failed, "the file is no SQLite database");
    default:
      break;
  }
  return ended(End::failed, sqlite3_errmsg(database.get()));
}

std::expected<std::unique_ptr<Session>, Ended> open(const Source& source, deadline::Instant until,
                                                    const CancelToken& token) {
  std::error_code error;
  // SQLite would wait for ever at a pipe.
  if (!std::filesystem::is_regular_file(source.file, error)) {
    return std::unexpected(
        ended(End::failed, "there is no file " + source.file + " that the gateway's user may look at"));
  }
  storage::configure_sqlite();
  auto session = std::make_unique<Session>();
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(source.file.c_str(), &database,
                      SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  session->database.reset(database);
  if (!database) return std::unexpected(ended(End::failed, "no memory to open the file"));
  session->guard = std::make_unique<SqliteGuard>(database, until, token);
  if (code != SQLITE_OK) return std::unexpected(session->failure(code));
  return session;
}

// The only statement of the text.
std::expected<Prepared, Ended> prepare(const Session& session, std::string_view sql) {
  const char* rest = sql.data();
  const char* const end = sql.data() + sql.size();
  Prepared first;
  while (rest < end) {
    sqlite3_stmt* made = nullptr;
    const int code =
        sqlite3_prepare_v2(session.database.get(), rest, static_cast<int>(end - rest), &made, &rest);
    Prepared next(made);
    if (first && (next || code != SQLITE_OK))
      return std::unexpected(
          ended(End::refused, "only one statement at a time: leave out what follows the first"));
    if (code != SQLITE_OK) return std::unexpected(session.failure(code));
    if (next) first = std::move(next);
  }
  if (!first) return std::unexpected(ended(End::failed, "there is no statement in the text"));
  if (sqlite3_stmt_readonly(first.get()) == 0 || sqlite3_column_count(first.get()) == 0)
    return std::unexpected(ended(End::refused, "only reading is allowed: write one SELECT"));
  return first;
}

void write_cell(sqlite3_stmt* statement, int column, ResultWriter& writer) {
  const auto bytes = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, column)); };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return writer.integer(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return writer.real(sqlite3_column_double(statement, column));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return writer.text(text ? std::string_view(text, bytes()) : std::string_view());
    }
    case SQLITE_BLOB: {
      const auto* blob = static_cast<const char*>(sqlite3_column_blob(statement, column));
      return writer.blob(blob ? std::string_view(blob, bytes()) : std::string_view());
    }
    default:
      return writer.null();
  }
}

Ended step_through(const Session& session, sqlite3_stmt* statement, ResultWriter& writer) {
  const int columns = sqlite3_column_count(statement);
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(columns));
  for (int column = 0; column < columns; ++column) {
    const char* const name = sqlite3_column_name(statement, column);
    names.emplace_back(name ? name : "");
  }
  writer.columns(names);
  for (;;) {
    // A statement of few steps never comes to look at the clock.
    if (session.guard->cancelled()) return ended(End::cancelled, "the query was cancelled");
    if (session.guard->out_of_time()) return ended(End::timeout, "the query took longer than it was given");
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return session.failure(code);
    for (int column = 0; column < columns; ++column)
      write_cell(statement, column, writer);
    const auto state = writer.end_row();
    if (state == ResultWriter::State::full) return {};
    if (state == ResultWriter::State::stopped)
      return ended(End::cancelled, "nobody wanted the rest of the result");
  }
}

// A name in quotes or with "main." before it is the same table.
std::string plain_table(std::string_view name) {
  if (name.starts_with("main.")) name.remove_prefix(5);
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  return std::string(name);
}

Ended describe(const Session& session, const std::string& table, ResultWriter& writer) {
  const auto statement = prepare(session, columns_sql);
  if (!statement) return statement.error();
  sqlite3_bind_text(statement->get(), 1, table.data(), static_cast<int>(table.size()), SQLITE_STATIC);
  Ended result = step_through(session, statement->get(), writer);
  if (result.end != End::success || !writer.empty()) return result;
  return ended(End::failed, "there is no table or view \"" + table + "\": list_tables names them");
}

}  // namespace

Ended run_on_sqlite(const Source& source, const Statement& statement, deadline::Instant until,
                    const CancelToken& token, ResultWriter& writer) {
  const auto session = open(source, until, token);
  if (!session) return session.error();
  if (statement.tool == Tool::describe_table) return describe(**session, plain_table(statement.text), writer);
  const bool own = statement.tool == Tool::list_tables;
  const auto prepared =
      prepare(**session, own ? std::string_view(tables_sql) : std::string_view(statement.text));
  if (!prepared) return prepared.error();
  if (sqlite3_bind_parameter_count(prepared->get()) > 0)
    return ended(End::failed, "there are parameters (?, :name) in the statement: write the values into it");
  return step_through(**session, prepared->get(), writer);
}

Examined examine_sqlite(const Source& source, deadline::Instant until, const CancelToken& token) {
  Examined examined;
  std::uint64_t tables = 0;
  const Sink counting = [&tables](const Piece& piece) {
    tables += piece.rows.size();
    return true;
  };
  const Bounds bounds{.rows_max = 100'000, .bytes_max = 67'108'864, .cell_bytes_max = 1000};
  ResultWriter writer(bounds, counting);
  const Ended result = run_on_sqlite(source, {Tool::list_tables, {}}, until, token, writer);
  writer.finish();
  examined.ok = result.end == End::success;
  examined.problem = result.error;
  if (!examined.ok) examined.field = "file";
  examined.tables = tables;
  if (examined.ok) examined.server = std::string("SQLite ") + sqlite3_libversion();
  return examined;
}

}  // namespace punctual::datasource
