// SQLite's prepared statements, kept by their text. One thread, that of the connection.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <expected>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/error.hpp"
#include "storage/value.hpp"

namespace punctual::storage {

// The error that the last call on `database` left.
Error sqlite_error(sqlite3* database, int code);

class SqliteStatement {
 public:
  static std::expected<SqliteStatement, Error> prepare(sqlite3* database, std::string_view sql);

  // The values must stay until `reset`.
  Outcome bind(std::span<const Value> parameters);
  // Those from $(first + 1) on, of a statement that names $1, $2, ... once each and in this order.
  Outcome bind_some(std::size_t first, std::span<const Value> parameters);
  // Runs it to its end. Appends the rows to `out` unless it is nullptr.
  Outcome run(std::vector<Value>* out);
  void reset();

  std::size_t columns() const;
  bool writes() const { return sqlite3_stmt_readonly(handle_.get()) == 0; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  SqliteStatement(sqlite3* database, sqlite3_stmt* statement) : database_(database), handle_(statement) {}

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  std::vector<std::size_t> places_;  // which parameter goes to SQLite's first place, its second, ...
  std::size_t parameters_ = 0;
};

// The latest statements, at most `kept_max`.
class SqliteStatements {
 public:
  SqliteStatements(sqlite3* database, std::size_t kept_max) : database_(database), kept_max_(kept_max) {}

  // Valid until the next call.
  std::expected<SqliteStatement*, Error> get(std::string_view sql);
  void clear();

 private:
  struct Kept {
    std::string sql;
    SqliteStatement statement;
  };
  sqlite3* database_;
  std::size_t kept_max_;
  std::list<Kept> latest_;  // the latest first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_sql_;
};

}  // namespace punctual::storage
