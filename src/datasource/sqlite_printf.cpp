// printf() and format() of SQL with bounded widths: a width of a billion would hold the thread for seconds,
// and nothing is interrupted within a call.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "datasource/sqlite_guard.hpp"

namespace punctual::datasource {

namespace {

constexpr std::int64_t width_max = 1'000'000;  // of all conversions of one format together

// SQLite's own printf, which is reached on a connection where it is not replaced.
class Printf {
 public:
  void run(sqlite3_context* context, int count, sqlite3_value** values);

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  bool prepare(int count);

  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int prepared_count_ = 0;
};

// What the format says, and where it takes widths from its arguments, what they could say.
std::int64_t widths_in(std::string_view format, int count, sqlite3_value** values) {
  std::int64_t largest = 0;
  for (int i = 1; i < count; ++i)
    largest = std::max<std::int64_t>(largest, std::abs(std::int64_t{sqlite3_value_int(values[i])}));
  std::int64_t sum = 0;
  std::int64_t number = 0;
  for (const char c : format) {
    const bool digit = c >= '0' && c <= '9';
    number = digit ? std::min<std::int64_t>(number * 10 + (c - '0'), width_max + 1) : 0;
    sum = std::min<std::int64_t>(sum + number + (c == '*' ? largest : 0), width_max + 1);
  }
  return sum;
}

bool Printf::prepare(int count) {
  if (!database_) {
    sqlite3* database = nullptr;
    const int code =
        sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(database);
    if (code != SQLITE_OK) return false;
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, SqliteGuard::value_bytes_max);
  }
  if (statement_ && prepared_count_ == count) return true;
  std::string sql = "SELECT printf(?";
  for (int i = 1; i < count; ++i)
    sql += ", ?";
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), (sql + ")").c_str(), -1, &made, nullptr);
  statement_.reset(made);
  prepared_count_ = count;
  return code == SQLITE_OK;
}

void Printf::run(sqlite3_context* context, int count, sqlite3_value** values) {
  if (count == 0 || sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  const std::string_view format = text ? text : "";
  if (widths_in(format, count, values) > width_max)
    return sqlite3_result_error(context, "the widths of a format are more than 1000000 together", -1);
  if (!prepare(count)) return sqlite3_result_error_nomem(context);
  for (int i = 0; i < count; ++i)
    sqlite3_bind_value(statement_.get(), i + 1, values[i]);
  if (sqlite3_step(statement_.get()) == SQLITE_ROW) {
    sqlite3_result_value(context, sqlite3_column_value(statement_.get(), 0));
  } else {
    sqlite3_result_error(context, sqlite3_errmsg(database_.get()), -1);
  }
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

void call(sqlite3_context* context, int count, sqlite3_value** values) {
  static_cast<Printf*>(sqlite3_user_data(context))->run(context, count, values);
}

void end(void* self) {
  const std::unique_ptr<Printf> owned(static_cast<Printf*>(self));
}

}  // namespace

void replace_printf(sqlite3* database) {
  for (const char* name : {"printf", "format"}) {
    sqlite3_create_function_v2(database, name, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                               std::make_unique<Printf>().release(), call, nullptr, nullptr, end);
  }
}

}  // namespace punctual::datasource
