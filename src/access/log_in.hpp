// Logging in with a name and a password.
//
// Whatever is wrong (no such user, the password, a disabled user), the answer and the time that it takes are
// the same. Attempts are slowed down per name and per peer (LogInThrottle). Any thread; takes the time of
// Argon2id and of the database.
#pragma once

#include <expected>
#include <string_view>

#include "access/sessions.hpp"
#include "access/throttle.hpp"
#include "secrets/password.hpp"

namespace punctual::access {

struct Credentials {
  std::string_view name;
  std::string_view password;
};

struct LoggedIn {
  User user;
  NewSession session;
};

class LogIn {
 public:
  // All must outlive this.
  LogIn(storage::Store& store, const secrets::Passwords& passwords, const Sessions& sessions,
        LogInThrottle& throttle, const deadline::Clock& clock)
      : store_(&store), passwords_(&passwords), sessions_(&sessions), throttle_(&throttle), clock_(&clock) {}

  // `call.actor` is not looked at: it is the user who logs in. `too_many` says when to try again.
  std::expected<LoggedIn, Error> log_in(const Call& call, storage::Connection& reader,
                                        const Credentials& credentials, const Origin& origin);

 private:
  storage::Store* store_;
  const secrets::Passwords* passwords_;
  const Sessions* sessions_;
  LogInThrottle* throttle_;
  const deadline::Clock* clock_;
};

}  // namespace punctual::access
