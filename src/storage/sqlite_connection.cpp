#include "storage/sqlite_connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "storage/now.hpp"
#include "storage/parameters.hpp"
#include "storage/sqlite_memory.hpp"

namespace punctual::storage {

namespace {

constexpr int steps_between_looks = 4000;  // of SQLite's virtual machine: some 100 microseconds
constexpr int busy_milliseconds_max = 20;
// A statement of its own costs as much as some columns: it looks up and writes the table's last id each time.
constexpr std::size_t rows_per_insert = 16;

std::unexpected<Error> mistake(std::string message) {
  return std::unexpected(Error{ErrorKind::internal, std::move(message), {}});
}

}  // namespace

std::expected<std::unique_ptr<SqliteConnection>, Error> SqliteConnection::open(const std::string& path,
                                                                               Access access) {
  configure_sqlite();
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  std::unique_ptr<SqliteConnection> result(new SqliteConnection(database, access));
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(database, code));
  if (auto prepared = result->prepare_session(); !prepared) return std::unexpected(prepared.error());
  return result;
}

SqliteConnection::SqliteConnection(sqlite3* database, Access access)
    : access_(access), database_(database), statements_(database, statements_kept_max) {
  if (!database) return;
  sqlite3_progress_handler(database, steps_between_looks, &SqliteConnection::on_progress, this);
  sqlite3_busy_handler(database, &SqliteConnection::on_busy, this);
}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
}

Outcome SqliteConnection::prepare_session() {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  start_call();
  if (access_ == Access::read_write) {
    const auto mode = execute("PRAGMA journal_mode = WAL");
    if (!mode) return std::unexpected(mode.error());
    if (mode->empty() || mode->front().text(0) != "wal") {
      return std::unexpected(
          Error{ErrorKind::refused,
                "the file system cannot keep SQLite's write-ahead log: put it on a local disk",
                {}});
    }
    if (auto set = command("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000; PRAGMA "
                           "journal_size_limit = 67108864");
        !set)
      return set;
  }
  return command("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8000");
}

void SqliteConnection::start_call() {
  interrupted_ = false;
  busy_until_ = {};
  limit_ = deadline_.value_or(now() + call_limit);
}

bool SqliteConnection::out_of_time() const {
  return interrupted_ || now() >= limit_;
}

int SqliteConnection::on_progress(void* self) {
  return static_cast<SqliteConnection*>(self)->out_of_time() ? 1 : 0;
}

int SqliteConnection::on_busy(void* self, int count) {
  auto& connection = *static_cast<SqliteConnection*>(self);
  if (count == 0) connection.busy_until_ = now() + busy_limit;
  if (connection.out_of_time() || now() >= connection.busy_until_) return 0;
  sqlite3_sleep(std::min(1 + count, busy_milliseconds_max));
  return 1;
}

Error SqliteConnection::failure(Error error) {
  const bool late = !interrupted_ && now() >= limit_;
  if (error.kind == ErrorKind::interrupted || (error.kind == ErrorKind::busy && out_of_time())) {
    error.kind = ErrorKind::interrupted;
    error.message = late ? "the database took longer than it was given" : "the statement was cancelled";
  } else if (error.kind == ErrorKind::busy) {
    error.message = "another program keeps the database locked";
  }
  failed_ = begun_;
  return error;
}

std::expected<Rows, Error> SqliteConnection::execute(std::string_view sql,
                                                     std::span<const Value> parameters) {
  if (failed_) return mistake("the transaction has failed and cannot go on");
  start_call();
  if (now() >= limit_) return std::unexpected(failure({ErrorKind::interrupted, {}, {}}));
  if (auto checked = check_parameters(parameters); !checked) return std::unexpected(failure(checked.error()));
  const auto statement = statements_.get(sql);
  if (!statement) return std::unexpected(failure(statement.error()));
  const auto before = sqlite3_total_changes64(database_.get());
  std::vector<Value> values;
  auto ran = (*statement)->bind(parameters);
  if (ran) ran = (*statement)->run(&values);
  const std::size_t columns = (*statement)->columns();
  (*statement)->reset();
  if (!ran) return std::unexpected(failure(std::move(ran.error())));
  const bool changed = sqlite3_total_changes64(database_.get()) != before;
  return Rows(columns, std::move(values), changed ? sqlite3_changes64(database_.get()) : 0);
}

std::expected<std::int64_t, Error> SqliteConnection::run_rows(SqliteStatement& statement,
                                                              std::span<const std::vector<Value>> rows) {
  std::int64_t changed = 0;
  for (const auto& row : rows) {
    if (out_of_time()) return std::unexpected(Error{ErrorKind::interrupted, {}, {}});
    if (auto checked = check_parameters(row); !checked) return std::unexpected(checked.error());
    auto ran = statement.bind(row);
    if (ran) ran = statement.run(nullptr);
    statement.reset();
    if (!ran) return std::unexpected(std::move(ran.error()));
    if (statement.writes()) changed += sqlite3_changes64(database_.get());
  }
  return changed;
}

std::expected<std::int64_t, Error> SqliteConnection::insert_rows(std::string_view into,
                                                                 std::span<const std::vector<Value>> rows) {
  const std::size_t columns = rows.front().size();
  const std::string many = insert_statement(into, rows_per_insert, columns);
  const std::string one = insert_statement(into, 1, columns);
  std::int64_t changed = 0;
  while (!rows.empty()) {
    const auto together = rows.first(rows.size() < rows_per_insert ? 1 : rows_per_insert);
    if (out_of_time()) return std::unexpected(Error{ErrorKind::interrupted, {}, {}});
    const auto statement = statements_.get(together.size() == 1 ? one : many);
    if (!statement) return std::unexpected(statement.error());
    Outcome done;
    for (std::size_t i = 0; done && i < together.size(); ++i) {
      if (together[i].size() != columns) return mistake("rows of parameters of different lengths");
      done = check_parameters(together[i]);
      if (done) done = (*statement)->bind_some(i * columns, together[i]);
    }
    if (done) done = (*statement)->run(nullptr);
    (*statement)->reset();
    if (!done) return std::unexpected(std::move(done.error()));
    changed += sqlite3_changes64(database_.get());
    rows = rows.subspan(together.size());
  }
  return changed;
}

template <class Work>
std::expected<std::int64_t, Error> SqliteConnection::at_once(Work work) {
  const bool own_transaction = !begun_;
  if (own_transaction) {
    if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  }
  if (failed_) return mistake("the transaction has failed and cannot go on");
  start_call();
  std::expected<std::int64_t, Error> changed = work();
  if (!changed) changed = std::unexpected(failure(std::move(changed.error())));
  if (!own_transaction) return changed;
  if (changed) {
    auto committed = commit();
    if (committed) return changed;
    changed = std::unexpected(std::move(committed.error()));
  }
  [[maybe_unused]] const auto undone = rollback();  // the error that made it necessary is the one to tell
  return changed;
}

std::expected<std::int64_t, Error> SqliteConnection::execute_batch(std::string_view sql,
                                                                   std::span<const std::vector<Value>> rows) {
  if (rows.empty()) return 0;
  return at_once([&]() -> std::expected<std::int64_t, Error> {
    auto statement = statements_.get(sql);
    if (!statement) return std::unexpected(statement.error());
    return run_rows(**statement, rows);
  });
}

std::expected<std::int64_t, Error> SqliteConnection::insert(std::string_view into,
                                                            std::span<const std::vector<Value>> rows) {
  if (rows.empty()) return 0;
  return at_once([&] { return insert_rows(into, rows); });
}

Outcome SqliteConnection::command(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(failure(sqlite_error(database_.get(), code)));
  return {};
}

Outcome SqliteConnection::begin() {
  start_call();
  told_.clear();
  told_before_savepoint_ = 0;
  auto begun = command(access_ == Access::read_only ? "BEGIN" : "BEGIN IMMEDIATE");
  begun_ = begun.has_value();
  return begun;
}

Outcome SqliteConnection::commit() {
  if (failed_) return mistake("the transaction has failed and cannot be committed");
  start_call();
  limit_ = deadline::Instant::max();  // what is half written is better finished
  auto committed = command("COMMIT");
  if (committed) begun_ = false;
  if (!committed && committed.error().kind == ErrorKind::unavailable) {
    committed.error().message += "; it is not known whether the change is saved";
  }
  return committed;
}

Outcome SqliteConnection::rollback() {
  told_.clear();
  failed_ = begun_ = false;
  if (!transaction_open()) return {};
  interrupted_ = false;
  limit_ = deadline::Instant::max();
  return command("ROLLBACK");
}

Outcome SqliteConnection::savepoint(bool first) {
  start_call();
  told_before_savepoint_ = told_.size();
  return command(first ? "SAVEPOINT job" : "RELEASE SAVEPOINT job; SAVEPOINT job");
}

Outcome SqliteConnection::rollback_to_savepoint() {
  told_.resize(std::min(told_.size(), told_before_savepoint_));
  failed_ = false;
  interrupted_ = false;
  limit_ = deadline::Instant::max();
  return command("ROLLBACK TO SAVEPOINT job");
}

Outcome SqliteConnection::notify(std::string_view channel, std::string_view payload) {
  if (!begun_) return mistake("a notification belongs into a transaction");
  if (channel.size() + payload.size() > notification_bytes_max)
    return mistake("the notification is too long");
  told_.push_back({std::string(channel), std::string(payload), false});
  return {};
}

std::vector<Notification> SqliteConnection::take_notifications() {
  return std::exchange(told_, {});
}

void SqliteConnection::interrupt() {
  interrupted_ = true;
  sqlite3_interrupt(database_.get());
}

std::expected<bool, Error> SqliteConnection::look() {
  const auto version = execute("PRAGMA data_version");
  if (!version) return std::unexpected(version.error());
  const std::int64_t current = version->front().integer(0);
  const auto before = std::exchange(data_version_, current);
  return before && *before != current;
}

Outcome SqliteConnection::check_whole(deadline::Duration limit) {
  const auto before = std::exchange(deadline_, now() + limit);
  const auto rows = execute("PRAGMA quick_check(1)");
  deadline_ = before;
  if (!rows && rows.error().kind == ErrorKind::interrupted) return {};
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty() || rows->front().text(0) == "ok") return {};
  return std::unexpected(Error{ErrorKind::corrupt, rows->front().text(0), {}});
}

}  // namespace punctual::storage
