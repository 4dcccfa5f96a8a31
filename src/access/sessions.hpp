// Who is logged in: a random token in a cookie, of which the database holds only the hash.
//
// A session ends after `idle_limit` without use, after `total_limit` in any case, and with a change of its
// user's password, role or state. Every check asks the database, so an end is at once, in all processes. Any
// thread; blocks on the database.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "access/call.hpp"
#include "access/error.hpp"
#include "access/transaction.hpp"
#include "access/user.hpp"
#include "config/secret.hpp"
#include "storage/store.hpp"

namespace punctual::access {

struct Session {
  std::string id;  // the hash of its token, in hex: it opens nothing
  std::string user_id;
  std::string user_name;
  std::int64_t created = 0;    // microseconds since the epoch
  std::int64_t last_used = 0;  // within a minute
  std::int64_t expires = 0;
  std::string peer;
  std::string user_agent;
};

// Where a log-in comes from; longer texts are cut.
struct Origin {
  std::string_view peer;
  std::string_view user_agent;
};

struct NewSession {
  config::Secret token;
  Session session;
};

struct Visitor {
  User user;
  Session session;
};

class Sessions {
 public:
  static constexpr deadline::Duration idle_limit = std::chrono::days(7);
  static constexpr deadline::Duration total_limit = std::chrono::days(30);
  static constexpr deadline::Duration touch_interval = std::chrono::minutes(1);
  static constexpr std::int64_t of_one_user_max = 50;  // a new one ends the one that was unused for longest
  static constexpr std::size_t origin_bytes_max = 256;

  // Both must outlive this.
  Sessions(storage::Store& store, const deadline::Clock& clock) : store_(&store), clock_(&clock) {}

  // In the transaction that decided that the user may: writes a session for `token`.
  Attempt<Session> insert(storage::Connection& connection, const Call& call, const User& user,
                          std::string_view token, const Origin& origin) const;

  // Whose token it is; `unauthenticated` when it is nobody's, or no longer. Notes the use, without waiting.
  std::expected<Visitor, Error> check(storage::Connection& reader, std::string_view token) const;

  // The latest used first; of all users when `user_id` is empty.
  std::expected<std::vector<Session>, Error> list(storage::Connection& reader,
                                                  std::string_view user_id) const;

  std::expected<void, Error> revoke(const Call& call, std::string_view id) const;
  std::expected<std::int64_t, Error> revoke_all(const Call& call, std::string_view user_id) const;

  // To be called now and then; how many there were.
  std::expected<std::int64_t, Error> remove_expired(const Call& call) const;

 private:
  std::int64_t now() const { return storage::to_microseconds(clock_->wall_now()); }

  storage::Store* store_;
  const deadline::Clock* clock_;
};

}  // namespace punctual::access
