// A user, as others may see one; reading users out of the database.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/error.hpp"
#include "storage/connection.hpp"

namespace punctual::access {

enum class Role : std::uint8_t { administrator, viewer };

std::string_view name_of(Role role);
std::optional<Role> parse_role(std::string_view name);

struct User {
  std::string id;
  std::string name;
  Role role = Role::viewer;
  bool disabled = false;
  std::int64_t created = 0;  // microseconds since the epoch
  std::int64_t updated = 0;

  // What a change records, as JSON.
  std::string document() const;
  std::string actor() const { return "user:" + name; }
};

// `forbidden` unless it is an administrator.
std::expected<void, Error> require_administrator(const User& user);

struct StoredUser {
  User user;
  std::string password_hash;
};

// By name, all of them.
std::expected<std::vector<StoredUser>, storage::Error> read_users(storage::Connection& connection);

// In `users`; nullptr when there is none.
const StoredUser* find_user(const std::vector<StoredUser>& users, std::string_view id);
const StoredUser* find_user_by_name(const std::vector<StoredUser>& users, std::string_view name);

}  // namespace punctual::access
