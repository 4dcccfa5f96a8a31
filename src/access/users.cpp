#include "access/users.hpp"

#include <algorithm>

#include "access/names.hpp"
#include "access/transaction.hpp"
#include "access/user_rows.hpp"

namespace punctual::access {

namespace {

Error no_such_user(std::string_view id) {
  return {ErrorKind::not_found, "id", "there is no user " + std::string(id) + ": list the users", {}};
}

// Whether an administrator who can log in is left without the user `id`.
bool another_administrator(const std::vector<StoredUser>& users, std::string_view id) {
  return std::ranges::any_of(users, [&](const StoredUser& one) {
    return one.user.id != id && one.user.role == Role::administrator && !one.user.disabled;
  });
}

bool is_in_charge(const User& user) {
  return user.role == Role::administrator && !user.disabled;
}

Failure last_administrator(std::string_view field, const User& user, std::string_view what) {
  return {ErrorKind::conflict, std::string(field),
          user.name + " is the last administrator who is not disabled and cannot be " + std::string(what) +
              ": make another one first"};
}

}  // namespace

std::expected<User, Error> Users::create(const Call& call, const NewUser& wanted) {
  auto name = checked_name(wanted.name);
  if (!name) return std::unexpected(name.error());
  if (auto fine = check_password(wanted.password, *name); !fine) return std::unexpected(fine.error());
  auto hash = passwords_->hash(wanted.password);
  if (!hash) return std::unexpected(error_of(hash.error()));
  const UserRow row{std::move(*name), std::move(*hash), wanted.role};
  const auto now = storage::to_microseconds(clock_->wall_now());
  return in_transaction<User>(*store_, call, [&](storage::Connection& connection) {
    return insert_user(connection, call, now, row);
  });
}

std::expected<User, Error> Users::change(const Call& call, std::string_view id, const UserChange& wanted) {
  return change_if(call, id, wanted, std::nullopt);
}

std::expected<User, Error> Users::change_if(const Call& call, std::string_view id, const UserChange& wanted,
                                            const std::optional<std::string>& present_hash) {
  std::optional<std::string> hash;
  if (wanted.password) {
    // Whether it is the user's name is asked below, when the name is known.
    if (auto fine = check_password(*wanted.password, ""); !fine) return std::unexpected(fine.error());
    auto made = passwords_->hash(*wanted.password);
    if (!made) return std::unexpected(error_of(made.error()));
    hash = std::move(*made);
  }
  const auto now = storage::to_microseconds(clock_->wall_now());
  return in_transaction<User>(*store_, call, [&](storage::Connection& connection) -> Attempt<User> {
    const auto users = read_users(connection);
    if (!users) return std::unexpected(Failure(users.error()));
    const StoredUser* before = find_user(*users, id);
    if (!before) return std::unexpected(Failure(no_such_user(id)));
    if (present_hash && *present_hash != before->password_hash) {
      return std::unexpected(
          Failure(ErrorKind::conflict, "password", "was changed by somebody else just now: log in again"));
    }
    if (wanted.password) {
      if (auto fine = check_password(*wanted.password, before->user.name); !fine)
        return std::unexpected(Failure(fine.error()));
    }
    StoredUser after = *before;
    after.user.role = wanted.role.value_or(after.user.role);
    after.user.disabled = wanted.disabled.value_or(after.user.disabled);
    if (hash) after.password_hash = *hash;
    const bool changes_something =
        hash || after.user.role != before->user.role || after.user.disabled != before->user.disabled;
    if (!changes_something) return before->user;
    if (is_in_charge(before->user) && !is_in_charge(after.user) && !another_administrator(*users, id)) {
      return std::unexpected(after.user.disabled ? last_administrator("disabled", before->user, "disabled")
                                                 : last_administrator("role", before->user, "made a viewer"));
    }
    after.user.updated = now;
    if (auto written = update_user(connection, call, *before, after); !written)
      return std::unexpected(written.error());
    return after.user;
  });
}

std::expected<void, Error> Users::remove(const Call& call, std::string_view id) {
  const auto now = storage::to_microseconds(clock_->wall_now());
  return in_transaction<void>(*store_, call, [&](storage::Connection& connection) -> Attempt<void> {
    const auto users = read_users(connection);
    if (!users) return std::unexpected(Failure(users.error()));
    const StoredUser* found = find_user(*users, id);
    if (!found) return std::unexpected(Failure(no_such_user(id)));
    if (is_in_charge(found->user) && !another_administrator(*users, id))
      return std::unexpected(last_administrator("id", found->user, "removed"));
    return delete_user(connection, call, now, found->user);
  });
}

std::expected<User, Error> Users::change_own_password(const Call& call, storage::Connection& reader,
                                                      std::string_view id, std::string_view present,
                                                      std::string_view wanted) {
  const auto users = read_users(reader);
  if (!users) return std::unexpected(error_of(users.error()));
  const StoredUser* found = find_user(*users, id);
  if (!found) return std::unexpected(no_such_user(id));
  if (auto fine = check_password(wanted, found->user.name); !fine) return std::unexpected(fine.error());
  if (present.size() > password_bytes_max || !passwords_->verify(found->password_hash, present)) {
    return std::unexpected(
        Error{ErrorKind::forbidden, "present_password", "is not the present password: give that one", {}});
  }
  UserChange change;
  change.password = wanted;
  return change_if(call, id, change, found->password_hash);
}

std::expected<std::vector<User>, Error> Users::list(storage::Connection& reader) {
  auto users = read_users(reader);
  if (!users) return std::unexpected(error_of(users.error()));
  std::vector<User> found;
  found.reserve(users->size());
  for (StoredUser& one : *users)
    found.push_back(std::move(one.user));
  return found;
}

std::expected<User, Error> Users::get(storage::Connection& reader, std::string_view id) {
  const auto users = read_users(reader);
  if (!users) return std::unexpected(error_of(users.error()));
  if (const StoredUser* found = find_user(*users, id)) return found->user;
  return std::unexpected(no_such_user(id));
}

}  // namespace punctual::access
