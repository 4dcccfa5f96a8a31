// Making, changing and removing users. Each change is recorded in its own transaction.
//
// Any thread; blocks on the database until the call's deadline, and for a password on Argon2id. Names are
// unique without case. The last administrator who is not disabled stays one. A new password, a new role and
// being disabled end all sessions of the user.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/call.hpp"
#include "access/error.hpp"
#include "access/user.hpp"
#include "secrets/password.hpp"
#include "storage/store.hpp"

namespace punctual::access {

inline constexpr std::size_t users_max = 1000;

struct NewUser {
  std::string_view name;
  std::string_view password;
  Role role = Role::viewer;
};

// What is not given stays.
struct UserChange {
  std::optional<std::string_view> password = {};
  std::optional<Role> role = {};
  std::optional<bool> disabled = {};
};

class Users {
 public:
  // All must outlive this.
  Users(storage::Store& store, const secrets::Passwords& passwords, const deadline::Clock& clock)
      : store_(&store), passwords_(&passwords), clock_(&clock) {}

  std::expected<User, Error> create(const Call& call, const NewUser& wanted);
  std::expected<User, Error> change(const Call& call, std::string_view id, const UserChange& wanted);
  std::expected<void, Error> remove(const Call& call, std::string_view id);

  // For a user who knows the present one. `forbidden` when that is not it; whoever calls this slows down
  // guesses (LogInThrottle).
  std::expected<User, Error> change_own_password(const Call& call, storage::Connection& reader,
                                                 std::string_view id, std::string_view present,
                                                 std::string_view wanted);

  static std::expected<std::vector<User>, Error> list(storage::Connection& reader);
  static std::expected<User, Error> get(storage::Connection& reader, std::string_view id);

 private:
  std::expected<User, Error> change_if(const Call& call, std::string_view id, const UserChange& wanted,
                                       const std::optional<std::string>& present_hash);

  storage::Store* store_;
  const secrets::Passwords* passwords_;
  const deadline::Clock* clock_;
};

}  // namespace punctual::access
