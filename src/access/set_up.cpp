#include "access/set_up.hpp"

#include "access/names.hpp"
#include "access/transaction.hpp"
#include "access/user_rows.hpp"
#include "secrets/token.hpp"

namespace punctual::access {

namespace {

using secrets::Purpose;

constexpr std::string_view meta_name = "set_up_token";

Attempt<bool> has_users(storage::Connection& connection) {
  const auto rows = connection.execute("SELECT 1 FROM users LIMIT 1");
  if (!rows) return std::unexpected(Failure(rows.error()));
  return !rows->empty();
}

Attempt<void> forget_token(storage::Connection& connection) {
  const auto deleted = connection.execute("DELETE FROM meta WHERE name = $1", {std::string(meta_name)});
  if (!deleted) return std::unexpected(Failure(deleted.error()));
  return {};
}

// Whether `token` may make the first user, now.
Attempt<void> check(storage::Connection& connection, std::string_view token) {
  // One statement, so that both are from the same moment.
  const auto rows =
      connection.execute("SELECT (SELECT count(*) FROM users), (SELECT value FROM meta WHERE name = $1)",
                         {std::string(meta_name)});
  if (!rows) return std::unexpected(Failure(rows.error()));
  const auto row = rows->front();
  if (row.integer(0) > 0) {
    return std::unexpected(
        Failure(ErrorKind::conflict, "", "there are users already: log in, or ask an administrator"));
  }
  // Hashes of hashes: their comparison tells nothing about what is stored.
  const auto hash_of_text = [](std::string_view text) { return secrets::hash_of(Purpose::setup, text); };
  const auto presented = secrets::text_of(hash_of_text(token));
  if (row.is_null(1) || !secrets::equal(hash_of_text(presented), hash_of_text(row.text(1)))) {
    return std::unexpected(Failure(ErrorKind::unauthenticated, "token",
                                   "is not the one of the latest start: take the link from its output"));
  }
  return {};
}

}  // namespace

std::expected<std::optional<config::Secret>, Error> SetUp::start(const Call& call) {
  auto token = secrets::new_token(Purpose::setup);
  const auto hash = secrets::text_of(secrets::hash_of(Purpose::setup, token.reveal()));
  const auto made =
      in_transaction<bool>(*store_, call, [&](storage::Connection& connection) -> Attempt<bool> {
        if (auto forgotten = forget_token(connection); !forgotten) return std::unexpected(forgotten.error());
        const auto found = has_users(connection);
        if (!found) return std::unexpected(found.error());
        if (*found) return false;
        const auto inserted = connection.execute("INSERT INTO meta (name, value) VALUES ($1, $2)",
                                                 {std::string(meta_name), hash});
        if (!inserted) return std::unexpected(Failure(inserted.error()));
        return true;
      });
  if (!made) return std::unexpected(made.error());
  std::optional<config::Secret> answer;
  if (*made) answer = std::move(token);
  return answer;
}

std::expected<User, Error> SetUp::use(const Call& call, storage::Connection& reader, std::string_view token,
                                      std::string_view name, std::string_view password) {
  // Before the work of hashing a password, which not everybody shall be able to cause.
  if (auto fine = check(reader, token); !fine) {
    const Failure& failure = fine.error();
    return std::unexpected(failure.own ? *failure.own : error_of(*failure.of_store));
  }
  auto checked = checked_name(name);
  if (!checked) return std::unexpected(checked.error());
  if (auto fine = check_password(password, *checked); !fine) return std::unexpected(fine.error());
  auto hash = passwords_->hash(password);
  if (!hash) return std::unexpected(error_of(hash.error()));
  const UserRow row{std::move(*checked), std::move(*hash), Role::administrator};
  const auto now = storage::to_microseconds(clock_->wall_now());
  return in_transaction<User>(*store_, call, [&](storage::Connection& connection) -> Attempt<User> {
    if (auto fine = check(connection, token); !fine) return std::unexpected(fine.error());
    if (auto forgotten = forget_token(connection); !forgotten) return std::unexpected(forgotten.error());
    return insert_user(connection, call, now, row);
  });
}

std::expected<bool, Error> SetUp::is_needed(storage::Connection& reader) {
  const auto found = has_users(reader);
  if (!found) return std::unexpected(error_of(*found.error().of_store));
  return !*found;
}

}  // namespace punctual::access
