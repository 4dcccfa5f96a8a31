// Writing users, inside a transaction: the row, the sessions that end with it, the record of the change.
//
// Only in the work of in_transaction. What is given was checked, but for what depends on other rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "access/call.hpp"
#include "access/transaction.hpp"
#include "access/user.hpp"

namespace punctual::access {

struct UserRow {
  std::string name;
  std::string password_hash;
  Role role = Role::viewer;
};

// `conflict` when the name is taken or there are too many.
Attempt<User> insert_user(storage::Connection& connection, const Call& call, std::int64_t now,
                          const UserRow& row);

// Of `before`, which becomes `after` with that hash.
Attempt<void> update_user(storage::Connection& connection, const Call& call, const StoredUser& before,
                          const StoredUser& after);

Attempt<void> delete_user(storage::Connection& connection, const Call& call, std::int64_t now,
                          const User& user);

}  // namespace punctual::access
