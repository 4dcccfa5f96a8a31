// One connection to a PostgreSQL server for one statement: every answer within the deadline, cancelled in the
// server when it ends early.
//
// Over storage/'s link, which never blocks without an end. One thread; the token may be cancelled by any.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasource/execution.hpp"
#include "storage/postgresql_link.hpp"
#include "storage/postgresql_target.hpp"

namespace punctual::datasource {

class PostgresqlSession {
 public:
  static constexpr deadline::Duration connect_limit = std::chrono::seconds(10);
  static constexpr deadline::Duration cancel_grace = std::chrono::milliseconds(500);

  static std::expected<std::unique_ptr<PostgresqlSession>, Ended> open(const Source& source,
                                                                       deadline::Instant until,
                                                                       const CancelToken& token);

  // Our own SQL, which may be several statements; rows are forgotten.
  std::optional<Ended> command(const std::string& sql);

  struct Refusal {
    Ended ended;
    std::string state;          // SQLSTATE
    bool has_position = false;  // in the text of the statement
  };
  // One statement, whatever the text is: the protocol takes no second one. Each row once, in order;
  // `take` says whether it wants more.
  using TakeRow = std::function<bool(const PGresult* row)>;
  std::optional<Refusal> statement(const std::string& sql, const std::vector<std::string>& parameters,
                                   const TakeRow& take);
  struct Column {
    std::string name;
    Oid type = 0;
  };
  // Only parsed by the server, never run. The columns that it would give.
  std::expected<std::vector<Column>, Refusal> columns_of(const std::string& sql);

  int server_version() const { return PQserverVersion(link_->handle()); }

 private:
  PostgresqlSession(storage::PostgresqlTarget target, deadline::Instant until, const CancelToken& token)
      : target_(std::move(target)), until_(until), token_(token) {}
  // The next result; nullptr: there is none. Cancels what takes too long.
  std::expected<storage::PostgresqlResult, Ended> next_result();
  std::optional<Refusal> all_results(const TakeRow& take);
  Ended give_up(storage::PostgresqlLink::Waited why);
  Ended lost(std::string_view why) const;
  Refusal refusal_of(const PGresult* result) const;

  storage::PostgresqlTarget target_;
  deadline::Instant until_;
  const CancelToken& token_;
  std::unique_ptr<storage::PostgresqlLink> link_;  // nullptr: lost, or given up
};

}  // namespace punctual::datasource
