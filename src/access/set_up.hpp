// The first administrator: made with a one-time link, which is good only while there is no user at all.
//
// Each start makes a new token (the link of an earlier start is then void); the database keeps its hash. Of
// two uses at the same moment exactly one makes a user. Any thread; blocks on the database.
#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "access/call.hpp"
#include "access/error.hpp"
#include "access/user.hpp"
#include "config/secret.hpp"
#include "secrets/password.hpp"
#include "storage/store.hpp"

namespace punctual::access {

class SetUp {
 public:
  // All must outlive this.
  SetUp(storage::Store& store, const secrets::Passwords& passwords, const deadline::Clock& clock)
      : store_(&store), passwords_(&passwords), clock_(&clock) {}

  // The token of the link; nothing when there are users.
  std::expected<std::optional<config::Secret>, Error> start(const Call& call);

  // Makes an administrator. `unauthenticated` for another token, `conflict` when there are users.
  std::expected<User, Error> use(const Call& call, storage::Connection& reader, std::string_view token,
                                 std::string_view name, std::string_view password);

  static std::expected<bool, Error> is_needed(storage::Connection& reader);

 private:
  storage::Store* store_;
  const secrets::Passwords* passwords_;
  const deadline::Clock* clock_;
};

}  // namespace punctual::access
