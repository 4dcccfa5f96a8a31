// A session with a PostgreSQL server, over libpq without its blocking calls.
//
// What takes too long or is interrupted is cancelled by a second connection (which is encrypted as the first
// is, unlike PQcancel); when that does not help within `cancel_grace`, the session is given up, and the
// server notices within about a second that nobody waits any more.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/postgresql_link.hpp"
#include "storage/postgresql_target.hpp"
#include "storage/session.hpp"

namespace punctual::storage {

class PostgresqlConnection final : public Session {
 public:
  enum class Use : std::uint8_t {
    reader,  // read-only, a transaction is one snapshot, opens itself again
    writer,
  };
  static constexpr deadline::Duration cancel_grace = std::chrono::milliseconds(500);

  static std::expected<std::unique_ptr<PostgresqlConnection>, Error> open(PostgresqlTarget target, Use use,
                                                                          deadline::Instant deadline);
  ~PostgresqlConnection() override;

  using Connection::execute;
  Dialect dialect() const override { return Dialect::postgresql; }
  std::expected<Rows, Error> execute(std::string_view sql, std::span<const Value> parameters) override;
  std::expected<std::int64_t, Error> insert(std::string_view into,
                                            std::span<const std::vector<Value>> rows) override;
  std::expected<std::int64_t, Error> execute_batch(std::string_view sql,
                                                   std::span<const std::vector<Value>> rows) override;
  Outcome begin() override;
  Outcome commit() override;
  Outcome rollback() override;
  Outcome notify(std::string_view channel, std::string_view payload) override;
  void interrupt() override;
  void set_deadline(std::optional<deadline::Instant> deadline) override { deadline_ = deadline; }

  bool connected() const override { return link_ != nullptr; }
  Outcome reconnect(deadline::Instant deadline) override;
  bool transaction_open() const override;
  bool transaction_failed() const override;
  Outcome savepoint(bool first) override;
  Outcome rollback_to_savepoint() override;
  std::expected<bool, Error> look() override;

 private:
  struct Kept {
    std::string key;
    std::string name;
  };

  PostgresqlConnection(PostgresqlTarget target, Use use) : target_(std::move(target)), use_(use) {}
  // Before every call: the time, forgotten interrupts, a reader's reconnect.
  Outcome start_call();
  Outcome command(const char* sql);
  // The name under which the server knows the statement.
  std::expected<std::string, Error> prepare(std::string_view sql, std::span<const Oid> types);
  void forget(std::string_view name);
  // Waits for the next result (nullptr: there is none), cancels what takes too long.
  std::expected<PostgresqlResult, Error> next_result();
  // All results of what was sent: the last one, or the first error.
  std::expected<PostgresqlResult, Error> last_result();
  std::expected<std::int64_t, Error> pipeline_results(std::size_t count);
  Outcome send_rows(const std::string& name, std::span<const std::vector<Value>> rows);
  void cancel(deadline::Instant deadline);
  Error failure(const PGresult* result) const;
  Error lose(Error error);
  Error lost();

  PostgresqlTarget target_;
  Use use_;
  WakeEvent wake_;
  std::unique_ptr<PostgresqlLink> link_;
  std::optional<deadline::Instant> deadline_;
  deadline::Instant limit_;         // of the call that runs
  std::optional<Error> cancelled_;  // why the call that runs was cancelled
  bool begun_ = false;              // a transaction, by `begin`; the server may have forgotten it
  std::list<Kept> latest_;          // the latest statement first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_key_;
  std::uint64_t names_ = 0;
};

}  // namespace punctual::storage
