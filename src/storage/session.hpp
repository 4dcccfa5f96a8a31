// What the store needs of a connection beyond what it shows to jobs and readers. Inside of storage/ only.
//
// One thread, as Connection. A session that is not `connected` fails every call with ErrorKind::unavailable
// until `reconnect` succeeds.
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "storage/connection.hpp"
#include "storage/notification.hpp"

namespace punctual::storage {

class Session : public Connection {
 public:
  using Connection::execute;

  virtual bool connected() const = 0;
  virtual Outcome reconnect(deadline::Instant deadline) = 0;

  // False when there is no transaction, or the database has already undone it.
  virtual bool transaction_open() const = 0;
  // True after an error that the transaction has not been rolled back from.
  virtual bool transaction_failed() const = 0;

  // A place to return to, in place of the one before it.
  virtual Outcome savepoint(bool first) = 0;
  virtual Outcome rollback_to_savepoint() = 0;

  // What the transaction that was committed last has told, where the database does not deliver it by itself.
  virtual std::vector<Notification> take_notifications() { return {}; }

  // Looks whether the database is there. True: something else than this session has changed it.
  virtual std::expected<bool, Error> look() = 0;
};

}  // namespace punctual::storage
