#include "access/user.hpp"

#include <algorithm>

#include "access/names.hpp"
#include "json/splice.hpp"

namespace punctual::access {

std::string_view name_of(Role role) {
  return role == Role::administrator ? "administrator" : "viewer";
}

std::optional<Role> parse_role(std::string_view name) {
  for (const Role role : {Role::administrator, Role::viewer}) {
    if (name_of(role) == name) return role;
  }
  return std::nullopt;
}

std::string User::document() const {
  std::string text = "{\"name\":" + json::quoted(name);
  text.append(",\"role\":\"").append(name_of(role)).append("\",\"disabled\":");
  text.append(disabled ? "true}" : "false}");
  return text;
}

std::expected<void, Error> require_administrator(const User& user) {
  if (user.role == Role::administrator) return {};
  return std::unexpected(
      Error{ErrorKind::forbidden, "", "the user " + user.name + " may only look: ask an administrator", {}});
}

std::expected<std::vector<StoredUser>, storage::Error> read_users(storage::Connection& connection) {
  const auto rows = connection.execute(
      "SELECT id, name, role, disabled, created, updated, password_hash FROM users ORDER BY name, id");
  if (!rows) return std::unexpected(rows.error());
  std::vector<StoredUser> users;
  users.reserve(rows->size());
  for (const auto row : *rows) {
    StoredUser one;
    one.user = {row.text(0),         row.text(1),    parse_role(row.text(2)).value_or(Role::viewer),
                row.integer(3) != 0, row.integer(4), row.integer(5)};
    one.password_hash = row.text(6);
    users.push_back(std::move(one));
  }
  return users;
}

const StoredUser* find_user(const std::vector<StoredUser>& users, std::string_view id) {
  const auto found = std::ranges::find_if(users, [&](const StoredUser& one) { return one.user.id == id; });
  return found == users.end() ? nullptr : &*found;
}

const StoredUser* find_user_by_name(const std::vector<StoredUser>& users, std::string_view name) {
  const auto found =
      std::ranges::find_if(users, [&](const StoredUser& one) { return same_name(one.user.name, name); });
  return found == users.end() ? nullptr : &*found;
}

}  // namespace punctual::access
