#include "access/user_rows.hpp"

#include <fmt/format.h>

#include "access/users.hpp"
#include "changes/changes.hpp"
#include "secrets/token.hpp"

namespace punctual::access {

namespace {

Attempt<void> done(const storage::Outcome& outcome) {
  if (!outcome) return std::unexpected(Failure(outcome.error()));
  return {};
}

changes::Change change_of(const Call& call, std::string_view action, const User& user) {
  return {call.actor, std::string(action), user.actor(), std::nullopt, std::nullopt, call.request_id};
}

}  // namespace

Attempt<User> insert_user(storage::Connection& connection, const Call& call, std::int64_t now,
                          const UserRow& row) {
  const auto users = read_users(connection);
  if (!users) return std::unexpected(Failure(users.error()));
  if (const auto* other = find_user_by_name(*users, row.name)) {
    return std::unexpected(
        Failure(ErrorKind::conflict, "name",
                fmt::format("is taken: the user {} exists; give another", other->user.name)));
  }
  if (users->size() >= users_max) {
    return std::unexpected(
        Failure(ErrorKind::conflict, "", fmt::format("there are {} users already: remove one", users_max)));
  }
  User user{secrets::new_id("user"), row.name, row.role, false, now, now};
  const auto inserted = connection.execute(
      "INSERT INTO users (id, name, role, password_hash, disabled, created, updated)"
      " VALUES ($1, $2, $3, $4, 0, $5, $5)",
      {user.id, user.name, std::string(name_of(user.role)), row.password_hash, now});
  if (!inserted) return std::unexpected(Failure(inserted.error()));
  auto change = change_of(call, "user.create", user);
  change.after = user.document();
  if (const auto recorded = changes::record(connection, now, change); !recorded)
    return std::unexpected(Failure(recorded.error()));
  return user;
}

Attempt<void> update_user(storage::Connection& connection, const Call& call, const StoredUser& before,
                          const StoredUser& after) {
  const auto updated = connection.execute(
      "UPDATE users SET role = $2, disabled = $3, password_hash = $4, updated = $5 WHERE id = $1",
      {after.user.id, std::string(name_of(after.user.role)), std::int64_t{after.user.disabled},
       after.password_hash, after.user.updated});
  if (!updated) return std::unexpected(Failure(updated.error()));
  const auto ended = connection.execute("DELETE FROM sessions WHERE user_id = $1", {after.user.id});
  if (!ended) return std::unexpected(Failure(ended.error()));
  const bool of_password = before.password_hash != after.password_hash;
  auto change = change_of(call, of_password ? "user.password" : "user.change", after.user);
  change.before = before.user.document();
  change.after = after.user.document();
  return done(changes::record(connection, after.user.updated, change));
}

Attempt<void> delete_user(storage::Connection& connection, const Call& call, std::int64_t now,
                          const User& user) {
  for (const auto* sql : {"DELETE FROM sessions WHERE user_id = $1", "DELETE FROM users WHERE id = $1"}) {
    const auto deleted = connection.execute(sql, {user.id});
    if (!deleted) return std::unexpected(Failure(deleted.error()));
  }
  auto change = change_of(call, "user.remove", user);
  change.before = user.document();
  return done(changes::record(connection, now, change));
}

}  // namespace punctual::access
