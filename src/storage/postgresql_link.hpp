// One connection of libpq, never blocking without an end: every wait has a deadline and can be woken.
//
// Only the look-up of a host's name is libpq's own waiting (the resolver's limits hold for it). One thread,
// except WakeEvent::wake.
#pragma once

#include <libpq-fe.h>

#include <expected>
#include <memory>
#include <string>

#include "deadline/clock.hpp"
#include "storage/error.hpp"
#include "storage/postgresql_target.hpp"

namespace punctual::storage {

// Ends a wait from another thread.
class WakeEvent {
 public:
  WakeEvent();
  ~WakeEvent();
  WakeEvent(const WakeEvent&) = delete;
  WakeEvent& operator=(const WakeEvent&) = delete;

  void wake();   // any thread
  void clear();  // forgets wakes
  void wait_until(deadline::Instant time) const;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresqlResult = std::unique_ptr<PGresult, ClearResult>;

Error postgresql_error(const PGresult* result, const PostgresqlTarget& target);

class PostgresqlLink {
 public:
  enum class Waited : std::uint8_t { ready, timed_out, woken, lost };

  // `wake` may be nullptr. Whatever goes wrong is ErrorKind::unavailable.
  static std::expected<std::unique_ptr<PostgresqlLink>, Error> open(const PostgresqlTarget& target,
                                                                    deadline::Instant deadline,
                                                                    WakeEvent* wake);

  PGconn* handle() const { return handle_.get(); }
  // Sends what is not sent yet and waits until PQgetResult does not block.
  Waited wait_result(deadline::Instant deadline, WakeEvent* wake);
  // Waits until the server says something by itself.
  Waited wait_input(deadline::Instant deadline, WakeEvent* wake);
  // Runs `sql`, which may be several statements, and forgets the rows.
  Outcome run(const char* sql, deadline::Instant deadline, WakeEvent* wake, const PostgresqlTarget& target);

  std::string message() const { return PQerrorMessage(handle_.get()); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  explicit PostgresqlLink(PGconn* connection) : handle_(connection) {}
  Waited wait_socket(short events, deadline::Instant deadline, WakeEvent* wake) const;
  Outcome connect(const PostgresqlTarget& target, deadline::Instant deadline, WakeEvent* wake);

  std::unique_ptr<PGconn, Finish> handle_;
};

}  // namespace punctual::storage
