// The database of the management plane: SQLite in the data folder, or PostgreSQL.
//
// All writing is done by one thread of the store, which gathers waiting jobs into one transaction; reading is
// done on connections of the readers' own. Every function may be called from any thread, but not from inside
// a job, a completion or a subscriber, except `enqueue` and `state`. The end of the store commits what is
// queued if that is possible within `stop_limit`, and fails the rest.
//
// What is retried: a job is run again when its transaction was lost before COMMIT was sent (the connection
// was lost, or another job of the group took the transaction with it), until its deadline. It may thus run
// several times; only one run is ever committed, so a job must not count its runs or keep what an earlier run
// learnt. What is not: once COMMIT was sent and no answer came, nobody knows; this is ErrorKind::unavailable
// with a message that says so, and the caller must look before it tries again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "deadline/clock.hpp"
#include "storage/connection.hpp"
#include "storage/error.hpp"
#include "storage/notification.hpp"

namespace punctual::storage {

struct StoreOptions {
  // "sqlite": punctual.db in `data`; or "postgresql://user:password@host:port/database?...".
  std::string location = "sqlite";
  std::filesystem::path data = "data";  // made, for the owner only, when it is missing
  // SQLite: nobody else may open it exclusively (`serve` does; the command line does not). PostgreSQL: no
  // meaning.
  bool exclusive = false;
  std::size_t jobs_queued_max = 4096;
  deadline::Duration write_limit = std::chrono::seconds(10);  // of a write or enqueue without a deadline
  deadline::Duration open_limit = std::chrono::seconds(15);   // of Store::open and Store::reader
  deadline::Duration stop_limit = std::chrono::seconds(5);
};

// Writes through the connection and returns the first error; neither begins nor commits. An error undoes this
// job alone, not the others of its transaction.
using Job = std::function<Outcome(Connection&)>;
// Called once, on the store's thread; short.
using Completion = std::function<void(const Outcome&)>;

struct StoreState {
  bool connected = false;
  deadline::WallTime since;      // of being connected, or not
  std::string last_error;        // the latest of kind unavailable, busy, full or corrupt; empty: none yet
  std::size_t jobs_queued = 0;   // and not begun
  deadline::Duration backoff{};  // until the next attempt to connect, zero when connected
  std::uint64_t commits = 0;
  std::uint64_t jobs_done = 0;
  std::uint64_t jobs_failed = 0;
};

class Store {
 public:
  // Opens or makes the database, looks whether it is whole, and brings its schema up to date.
  static std::expected<std::unique_ptr<Store>, Error> open(StoreOptions options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Dialect dialect() const;
  // For people: the path of the file, or the URL with its password masked.
  std::string description() const;

  // Blocks until the job is committed or has failed. At the deadline a job that waits fails: unavailable
  // without a connection, else interrupted; one that runs is interrupted.
  Outcome write(Job job, std::optional<deadline::Instant> deadline = {});

  // The same without blocking. False: the queue is full, and the completion is never called.
  bool enqueue(Job job, Completion completion, std::optional<deadline::Instant> deadline = {});

  // A read-only connection of the caller's own; never waits for the writer.
  std::expected<std::unique_ptr<Connection>, Error> reader() const;

  // From now on; the first call may be a resync. PostgreSQL: a little after the commit; SQLite: before
  // `write` returns, and within about a second for the commits of another process (as a resync).
  [[nodiscard]] Subscription subscribe(Subscriber subscriber);

  StoreState state() const;

 private:
  class Parts;
  explicit Store(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Before an INSERT into `changes` or `requests`, in the same job: their ids are then in the order in which
// they become visible, also with several gateways on one database, so that who reads on from an id misses
// nothing.
Outcome order_appends(Connection& connection);

// Microseconds since the epoch, as every time in the database is kept.
std::int64_t to_microseconds(deadline::WallTime time);
deadline::WallTime from_microseconds(std::int64_t microseconds);

}  // namespace punctual::storage
