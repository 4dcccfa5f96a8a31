// A session with a SQLite file in WAL mode: one writer, any number of readers that do not wait for it.
//
// Interrupts and deadlines end a statement between two steps of its program, and the wait for a lock; they do
// not end a write to a disk that hangs.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "storage/session.hpp"
#include "storage/sqlite_statement.hpp"

namespace punctual::storage {

class SqliteConnection final : public Session {
 public:
  enum class Access : std::uint8_t { read_only, read_write };
  // A lock that somebody else holds is waited for until the deadline, and no longer than this.
  static constexpr deadline::Duration busy_limit = std::chrono::seconds(5);

  // The file must exist for read_only.
  static std::expected<std::unique_ptr<SqliteConnection>, Error> open(const std::string& path, Access access);
  ~SqliteConnection() override;

  using Connection::execute;
  Dialect dialect() const override { return Dialect::sqlite; }
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

  bool connected() const override { return true; }
  Outcome reconnect(deadline::Instant) override { return {}; }
  bool transaction_open() const override { return sqlite3_get_autocommit(database_.get()) == 0; }
  bool transaction_failed() const override { return failed_; }
  Outcome savepoint(bool first) override;
  Outcome rollback_to_savepoint() override;
  std::vector<Notification> take_notifications() override;
  std::expected<bool, Error> look() override;

  // ErrorKind::corrupt if the file contradicts itself. Looks for at most `limit`, then it is taken for whole.
  Outcome check_whole(deadline::Duration limit);

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  explicit SqliteConnection(sqlite3* database, Access access);
  Outcome prepare_session();
  void start_call();
  // Says what ended it, notes that the transaction cannot go on.
  Error failure(Error error);
  // All of `work`, which changes rows, or none of it.
  template <class Work>
  std::expected<std::int64_t, Error> at_once(Work work);
  std::expected<std::int64_t, Error> run_rows(SqliteStatement& statement,
                                              std::span<const std::vector<Value>> rows);
  std::expected<std::int64_t, Error> insert_rows(std::string_view into,
                                                 std::span<const std::vector<Value>> rows);
  Outcome command(const char* sql);
  bool out_of_time() const;
  static int on_progress(void* self);
  static int on_busy(void* self, int count);

  Access access_;
  std::unique_ptr<sqlite3, Close> database_;
  SqliteStatements statements_;
  std::optional<deadline::Instant> deadline_;
  deadline::Instant limit_;         // of the call that runs
  deadline::Instant busy_until_{};  // of the lock that it waits for
  std::atomic<bool> interrupted_ = false;
  bool begun_ = false;  // a transaction, by `begin`; SQLite may have undone it meanwhile
  bool failed_ = false;
  std::vector<Notification> told_;
  std::size_t told_before_savepoint_ = 0;
  std::optional<std::int64_t> data_version_;
};

}  // namespace punctual::storage
