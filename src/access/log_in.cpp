#include "access/log_in.hpp"

#include <fmt/format.h>

#include "access/names.hpp"
#include "base/text.hpp"
#include "secrets/token.hpp"

namespace punctual::access {

namespace {

Error wrong_credentials() {
  return {ErrorKind::unauthenticated, "", "the name or the password is not right: try again", {}};
}

Error too_many(deadline::Duration wait) {
  return {ErrorKind::too_many, "",
          fmt::format("too many attempts to log in: try again in {} seconds",
                      std::chrono::ceil<std::chrono::seconds>(wait).count()),
          wait};
}

}  // namespace

std::expected<LoggedIn, Error> LogIn::log_in(const Call& call, storage::Connection& reader,
                                             const Credentials& credentials, const Origin& origin) {
  const auto name = base::trimmed(credentials.name);
  const auto wait = throttle_->begin(name, origin.peer, clock_->now());
  if (wait > deadline::Duration(0)) return std::unexpected(too_many(wait));
  const auto users = read_users(reader);
  if (!users) return std::unexpected(error_of(users.error()));
  const auto password = credentials.password.substr(0, password_bytes_max + 1);
  const StoredUser* found = find_user_by_name(*users, name);
  if (!found) {
    passwords_->verify_nobody(password);
    return std::unexpected(wrong_credentials());
  }
  if (!passwords_->verify(found->password_hash, password) || found->user.disabled)
    return std::unexpected(wrong_credentials());
  throttle_->succeeded(name, origin.peer);

  std::optional<std::string> new_hash;
  if (passwords_->is_outdated(found->password_hash)) {
    auto hash = passwords_->hash(password);
    if (hash) new_hash = std::move(*hash);  // else the next log-in does it
  }
  auto token = secrets::new_token(secrets::Purpose::session);
  Call by_user = call;
  by_user.actor = found->user.actor();
  auto session =
      in_transaction<Session>(*store_, by_user, [&](storage::Connection& connection) -> Attempt<Session> {
        // What was verified must still be so: a password may have been changed meanwhile, to keep somebody
        // out.
        const auto rows =
            connection.execute("SELECT 1 FROM users WHERE id = $1 AND password_hash = $2 AND disabled = 0",
                               {found->user.id, found->password_hash});
        if (!rows) return std::unexpected(Failure(rows.error()));
        if (rows->empty()) return std::unexpected(Failure(wrong_credentials()));
        if (new_hash) {
          const auto updated = connection.execute("UPDATE users SET password_hash = $2 WHERE id = $1",
                                                  {found->user.id, *new_hash});
          if (!updated) return std::unexpected(Failure(updated.error()));
        }
        return sessions_->insert(connection, by_user, found->user, token.reveal(), origin);
      });
  if (!session) return std::unexpected(session.error());
  return LoggedIn{found->user, {std::move(token), std::move(*session)}};
}

}  // namespace punctual::access
