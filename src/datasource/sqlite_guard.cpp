#include "datasource/sqlite_guard.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "datasource/execution.hpp"
#include "storage/now.hpp"

namespace punctual::datasource {

namespace {

constexpr int steps_between_looks = 1000;  // of SQLite's virtual machine: some 20 microseconds
constexpr int busy_milliseconds = 5;

// Without what loads, writes files, or tells of the process: those are not named here. json_patch takes
// quadratic time.
constexpr auto functions = std::to_array<std::string_view>({
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "avg",
    "bm25",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "cos",
    "cosh",
    "count",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "degrees",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "glob",
    "group_concat",
    "hex",
    "highlight",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_each",
    "json_error_position",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_tree",
    "json_type",
    "json_valid",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "ltrim",
    "match",
    "max",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "pi",
    "pow",
    "power",
    "printf",
    "quote",
    "radians",
    "random",
    "randomblob",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sin",
    "sinh",
    "snippet",
    "soundex",
    "sqlite_version",
    "sqrt",
    "strftime",
    "substr",
    "substring",
    "sum",
    "tan",
    "tanh",
    "time",
    "timediff",
    "total",
});
constexpr auto more_functions = std::to_array<std::string_view>({
    "trim",
    "trunc",
    "typeof",
    "unhex",
    "unicode",
    "unixepoch",
    "unlikely",
    "upper",
    "zeroblob",
    "->",
    "->>",
    "string_agg",
    "subtype",
});

// Those that only tell of tables, and take no value.
constexpr auto pragmas = std::to_array<std::string_view>({
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "data_version",
});

// Tables of SQLite's own that show pages or statements.
constexpr std::array<std::string_view, 5> hidden_tables = {"sqlite_dbpage", "sqlite_stmt", "dbstat",
                                                           "bytecode", "tables_used"};

template <std::size_t count>
bool is_in(const std::array<std::string_view, count>& names, std::string_view name) {
  return std::ranges::any_of(names, [&](auto known) { return base::equals_ignoring_case(known, name); });
}

// What is denied, in words; the others are named by their number.
std::string action_text(int action) {
  switch (action) {
    case SQLITE_INSERT:
      return "INSERT";
    case SQLITE_UPDATE:
      return "UPDATE";
    case SQLITE_DELETE:
      return "DELETE";
    case SQLITE_ATTACH:
      return "ATTACH";
    case SQLITE_DETACH:
      return "DETACH";
    case SQLITE_TRANSACTION:
      return "a transaction of its own";
    case SQLITE_SAVEPOINT:
      return "a savepoint";
    case SQLITE_REINDEX:
      return "REINDEX";
    case SQLITE_ANALYZE:
      return "ANALYZE";
    default:
      return "a change of the schema";
  }
}

struct Limit {
  int id;
  int value;
};
constexpr std::array<Limit, 11> limits = {{
    {SQLITE_LIMIT_LENGTH, SqliteGuard::value_bytes_max},
    {SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(statement_bytes_max)},
    {SQLITE_LIMIT_COLUMN, 500},
    {SQLITE_LIMIT_EXPR_DEPTH, 200},
    {SQLITE_LIMIT_COMPOUND_SELECT, 100},
    {SQLITE_LIMIT_VDBE_OP, 500'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 100},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
}};

constexpr std::array<std::pair<int, int>, 6> switches = {{
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
    // A name that does not exist is an error, not a text.
    {SQLITE_DBCONFIG_DQS_DML, 0},
}};

}  // namespace

SqliteGuard::SqliteGuard(sqlite3* database, deadline::Instant until, const CancelToken& token)
    : database_(database), until_(until), token_(token) {
  sqlite3_progress_handler(database, steps_between_looks, &SqliteGuard::on_progress, this);
  sqlite3_busy_handler(database, &SqliteGuard::on_busy, this);
  for (const auto& [id, value] : switches)
    sqlite3_db_config(database, id, value, nullptr);
  for (const auto& [id, value] : limits)
    sqlite3_limit(database, id, value);
  sqlite3_exec(database,
               "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size "
               "= -4000; PRAGMA cell_size_check = ON",
               nullptr, nullptr, nullptr);
  replace_slow_functions(database);
  replace_printf(database);
  sqlite3_set_authorizer(database, &SqliteGuard::authorize, this);
}

SqliteGuard::~SqliteGuard() {
  sqlite3_set_authorizer(database_, nullptr, nullptr);
  sqlite3_busy_handler(database_, nullptr, nullptr);
  sqlite3_progress_handler(database_, 0, nullptr, nullptr);
}

bool SqliteGuard::out_of_time() const {
  return storage::now() >= until_;
}

int SqliteGuard::on_progress(void* self) {
  const auto& guard = *static_cast<SqliteGuard*>(self);
  return guard.cancelled() || guard.out_of_time() ? 1 : 0;
}

int SqliteGuard::on_busy(void* self, int) {
  if (on_progress(self) != 0) return 0;
  sqlite3_sleep(busy_milliseconds);
  return 1;
}

bool SqliteGuard::deny(std::string what) {
  if (denied_.empty()) denied_ = std::move(what);
  return false;
}

int SqliteGuard::authorize(void* self, int action, const char* first, const char* second, const char*,
                           const char*) {
  auto& guard = *static_cast<SqliteGuard*>(self);
  const std::string name = first ? first : "";
  const auto allowed = [&] {
    switch (action) {
      case SQLITE_SELECT:
      case SQLITE_RECURSIVE:
        return true;
      case SQLITE_READ:
        return !is_in(hidden_tables, name) || guard.deny("the table " + name);
      case SQLITE_FUNCTION: {
        const std::string_view function = second ? second : "";
        return is_in(functions, function) || is_in(more_functions, function) ||
               guard.deny("the function " + std::string(function));
      }
      case SQLITE_UPDATE:
        // Asked when a table-valued function (json_each, pragma_table_info) is declared, and nothing is
        // written then. Elsewhere SQLite says that the schema may not be modified.
        return name == "sqlite_master" || guard.deny(action_text(action));
      case SQLITE_PRAGMA:
        return is_in(pragmas, name) || guard.deny("PRAGMA " + name);
      default:
        return guard.deny(action_text(action));
    }
  };
  return allowed() ? SQLITE_OK : SQLITE_DENY;
}

}  // namespace punctual::datasource
