// One session with a database: SQLite or PostgreSQL, the same SQL for both.
//
// One thread at a time, except `interrupt`, which any thread may call as long as the connection exists. A
// statement is one statement, its parameters are $1, $2, ...; it is prepared once and kept (the latest
// `statements_kept_max`). PostgreSQL cannot tell the type of a NULL whose first use does not show it: write
// CAST($1 AS BIGINT) IS NULL OR started > $1. Blocking: every call ends at the deadline, or about a second
// after it when the server does not even answer to being cancelled; the session is then lost.
//
// After an error inside a transaction all that is left is `rollback` (in a Job: to return the error); SQLite
// is held to that too. A lost connection of the caller's own (Store::reader) is opened again by the next call
// outside of a transaction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "deadline/clock.hpp"
#include "storage/error.hpp"
#include "storage/value.hpp"

namespace punctual::storage {

enum class Dialect : std::uint8_t { sqlite, postgresql };

class Connection {
 public:
  static constexpr std::size_t statements_kept_max = 64;
  // A call without a deadline of its own has this one, from its begin.
  static constexpr deadline::Duration call_limit = std::chrono::seconds(30);

  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  virtual Dialect dialect() const = 0;

  virtual std::expected<Rows, Error> execute(std::string_view sql, std::span<const Value> parameters) = 0;
  std::expected<Rows, Error> execute(std::string_view sql) { return execute(sql, std::span<const Value>()); }
  std::expected<Rows, Error> execute(std::string_view sql, std::initializer_list<Value> parameters) {
    return execute(sql, std::span<const Value>(parameters.begin(), parameters.size()));
  }

  // One statement for many rows of parameters; all of them or none. Rows that it returns are not kept. A
  // column of parameters has one type, or NULL. The answer is how many rows were changed.
  virtual std::expected<std::int64_t, Error> execute_batch(std::string_view sql,
                                                           std::span<const std::vector<Value>> rows) = 0;

  // The same for "INSERT INTO `into` VALUES (...)" with `into` as "table (column, column)", in as few
  // statements as the database likes.
  virtual std::expected<std::int64_t, Error> insert(std::string_view into,
                                                    std::span<const std::vector<Value>> rows) = 0;

  // On a reader, a transaction sees one snapshot. Never in a Job: its transaction is the Store's.
  virtual Outcome begin() = 0;
  virtual Outcome commit() = 0;
  virtual Outcome rollback() = 0;

  // In a transaction that writes: tells every subscriber of every process when, and if, it is committed.
  // `channel` without a line break; both together at most `notification_bytes_max`.
  static constexpr std::size_t notification_bytes_max = 7900;
  virtual Outcome notify(std::string_view channel, std::string_view payload) = 0;

  // Ends the statement that runs, with ErrorKind::interrupted. Nothing if none does.
  virtual void interrupt() = 0;

  // For all calls from now on; nullopt: `call_limit` each.
  virtual void set_deadline(std::optional<deadline::Instant> deadline) = 0;

 protected:
  Connection() = default;
};

}  // namespace punctual::storage
