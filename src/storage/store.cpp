#include "storage/store.hpp"

#include <fmt/format.h>

#include <atomic>
#include <utility>

#include "storage/migrations.hpp"
#include "storage/now.hpp"
#include "storage/postgresql_connection.hpp"
#include "storage/postgresql_listener.hpp"
#include "storage/sqlite_connection.hpp"
#include "storage/sqlite_file.hpp"
#include "storage/subscribers.hpp"
#include "storage/writer.hpp"

namespace punctual::storage {

namespace {

// quick_check reads the whole file; a large one is looked at for so long and not longer.
constexpr deadline::Duration check_limit = std::chrono::seconds(2);

}  // namespace

class Store::Parts {
 public:
  explicit Parts(StoreOptions given) : options(std::move(given)), file(options.data / "punctual.db") {}

  std::expected<std::unique_ptr<Session>, Error> open_sqlite();
  std::expected<std::unique_ptr<Session>, Error> open_postgresql();
  Error explained(Error error) const;

  // From below: the writer ends first, then the listener, which both tell the subscribers.
  StoreOptions options;
  std::filesystem::path file;
  std::optional<PostgresqlTarget> target;
  std::optional<FileLock> lock;
  Subscribers subscribers;
  std::atomic_flag listening;
  std::unique_ptr<PostgresqlListener> listener;
  std::unique_ptr<Writer> writer;
};

Error Store::Parts::explained(Error error) const {
  if (target) return error;
  if (error.kind == ErrorKind::corrupt) {
    error.message = fmt::format(
        "the database {0} is damaged ({1}): stop every program that uses it, move it away "
        "together with {0}-wal and {0}-shm, and restore a backup, or save what can be "
        "read with: sqlite3 {0} .recover",
        file.string(), error.message);
  } else {
    error.message = fmt::format("{}: {}", file.string(), error.message);
  }
  return error;
}

std::expected<std::unique_ptr<Session>, Error> Store::Parts::open_sqlite() {
  if (auto prepared = prepare_file(options.data, file); !prepared) return std::unexpected(prepared.error());
  if (options.exclusive) {
    auto taken = FileLock::take(options.data);
    if (!taken) return std::unexpected(std::move(taken.error()));
    lock.emplace(std::move(*taken));
  }
  auto connection = SqliteConnection::open(file.string(), SqliteConnection::Access::read_write);
  if (!connection) return std::unexpected(explained(std::move(connection.error())));
  if (auto whole = (*connection)->check_whole(check_limit); !whole) {
    return std::unexpected(explained(std::move(whole.error())));
  }
  return std::move(*connection);
}

std::expected<std::unique_ptr<Session>, Error> Store::Parts::open_postgresql() {
  auto parsed = PostgresqlTarget::parse(options.location);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  target = std::move(*parsed);
  return PostgresqlConnection::open(*target, PostgresqlConnection::Use::writer, now() + options.open_limit);
}

std::expected<std::unique_ptr<Store>, Error> Store::open(StoreOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  const std::string& location = parts->options.location;
  const bool postgresql = location.starts_with("postgresql://") || location.starts_with("postgres://");
  if (!postgresql && location != "sqlite") {
    return std::unexpected(
        Error{ErrorKind::refused,
              "the location of the database is neither sqlite nor begins with postgresql://",
              {}});
  }
  auto session = postgresql ? parts->open_postgresql() : parts->open_sqlite();
  if (!session) return std::unexpected(std::move(session.error()));
  (*session)->set_deadline(now() + parts->options.open_limit);
  if (auto migrated = migrate(**session, all_migrations()); !migrated) {
    return std::unexpected(parts->explained(std::move(migrated.error())));
  }
  parts->writer = std::make_unique<Writer>(std::move(*session), parts->options, parts->subscribers);
  return std::unique_ptr<Store>(new Store(std::move(parts)));
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Store::~Store() = default;

Dialect Store::dialect() const {
  return parts_->target ? Dialect::postgresql : Dialect::sqlite;
}

std::string Store::description() const {
  return parts_->target ? parts_->target->description() : parts_->file.string();
}

Outcome Store::write(Job job, std::optional<deadline::Instant> deadline) {
  return parts_->writer->write(std::move(job), deadline);
}

bool Store::enqueue(Job job, Completion completion, std::optional<deadline::Instant> deadline) {
  return parts_->writer->enqueue(std::move(job), std::move(completion), deadline);
}

std::expected<std::unique_ptr<Connection>, Error> Store::reader() const {
  if (parts_->target) {
    return PostgresqlConnection::open(*parts_->target, PostgresqlConnection::Use::reader,
                                      now() + parts_->options.open_limit);
  }
  auto connection = SqliteConnection::open(parts_->file.string(), SqliteConnection::Access::read_only);
  if (!connection) return std::unexpected(parts_->explained(std::move(connection.error())));
  return std::move(*connection);
}

Subscription Store::subscribe(Subscriber subscriber) {
  auto subscription = parts_->subscribers.add(std::move(subscriber));
  if (parts_->target && !parts_->listening.test_and_set()) {
    parts_->listener = std::make_unique<PostgresqlListener>(*parts_->target, parts_->subscribers);
  }
  return subscription;
}

StoreState Store::state() const {
  return parts_->writer->state();
}

Outcome order_appends(Connection& connection) {
  if (connection.dialect() == Dialect::sqlite) return {};  // one writer at a time
  // Held until the commit. The number is Punctual's own, in bytes: "punctual" and one.
  const auto turn = connection.execute("SELECT pg_advisory_xact_lock(8103504477957742957)");
  if (!turn) return std::unexpected(turn.error());
  return {};
}

std::int64_t to_microseconds(deadline::WallTime time) {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

deadline::WallTime from_microseconds(std::int64_t microseconds) {
  return deadline::WallTime(std::chrono::microseconds(microseconds));
}

}  // namespace punctual::storage
