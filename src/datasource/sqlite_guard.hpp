// What a statement from outside may do to a SQLite file: read it, within bounds of time and memory.
//
// Set on a connection of its own, before the statement is prepared; everything that is not on a list is
// denied by SQLite itself. One thread.
#pragma once

#include <sqlite3.h>

#include <string>

#include "datasource/cancel.hpp"
#include "deadline/clock.hpp"

namespace punctual::datasource {

class SqliteGuard {
 public:
  // Of all that SQLite allocates for one statement; tables of its own are in memory, never on the disk.
  static constexpr std::int64_t memory_bytes_max = std::int64_t{128} << 20;
  // Of one value or row. Functions that take long for long texts are not interrupted inside.
  static constexpr int value_bytes_max = 8 << 20;

  SqliteGuard(sqlite3* database, deadline::Instant until, const CancelToken& token);
  SqliteGuard(const SqliteGuard&) = delete;
  SqliteGuard& operator=(const SqliteGuard&) = delete;
  // Before the connection is closed.
  ~SqliteGuard();

  bool cancelled() const { return token_.cancelled(); }
  bool out_of_time() const;
  // What was denied, for people; empty: nothing.
  const std::string& denied() const { return denied_; }

 private:
  static int authorize(void* self, int action, const char* first, const char* second, const char* database,
                       const char* view);
  static int on_progress(void* self);
  static int on_busy(void* self, int count);
  bool deny(std::string what);

  sqlite3* database_;
  deadline::Instant until_;
  const CancelToken& token_;
  std::string denied_;
};

// Linear versions of functions that take quadratic time: within one call nothing is interrupted.
void replace_slow_functions(sqlite3* database);
// printf and format, with bounded widths.
void replace_printf(sqlite3* database);

}  // namespace punctual::datasource
