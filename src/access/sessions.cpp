#include "access/sessions.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "changes/changes.hpp"
#include "secrets/token.hpp"

namespace punctual::access {

namespace {

using secrets::TokenHash;
using storage::Connection;

constexpr std::int64_t microseconds(deadline::Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

storage::Blob stored(const TokenHash& hash) {
  return storage::blob_of({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::string hex_of(const storage::Blob& blob) {
  TokenHash hash{};
  const auto bytes = storage::bytes_of(blob);
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return secrets::text_of(hash);
}

std::optional<storage::Blob> hash_from(std::string_view id) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (id.size() != 2 * sizeof(TokenHash)) return std::nullopt;
  storage::Blob blob;
  for (std::size_t at = 0; at < id.size(); at += 2) {
    const auto high = digits.find(id[at]);
    const auto low = digits.find(id[at + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    blob.push_back(static_cast<std::byte>(high << 4U | low));
  }
  return blob;
}

constexpr std::string_view columns =
    "SELECT sessions.id_hash, sessions.user_id, users.name, sessions.created, sessions.last_used,"
    " sessions.expires, sessions.peer, sessions.user_agent, users.role, users.disabled, users.created,"
    " users.updated FROM sessions JOIN users ON users.id = sessions.user_id";

Session session_of(const storage::Row& row) {
  return {hex_of(row.blob(0)), row.text(1),    row.text(2), row.integer(3),
          row.integer(4),      row.integer(5), row.text(6), row.text(7)};
}

std::string cut(std::string_view text) {
  return storage::storable_text(text.substr(0, Sessions::origin_bytes_max));
}

Failure unauthenticated() {
  return {ErrorKind::unauthenticated, "", "there is no such session, or it has ended: log in"};
}

Attempt<void> recorded(Connection& connection, const Call& call, std::int64_t now, std::string_view action,
                       std::string_view user_name) {
  const changes::Change change{call.actor,   std::string(action), "session:" + std::string(user_name),
                               std::nullopt, std::nullopt,        call.request_id};
  if (const auto done = changes::record(connection, now, change); !done)
    return std::unexpected(Failure(done.error()));
  return {};
}

}  // namespace

Attempt<Session> Sessions::insert(Connection& connection, const Call& call, const User& user,
                                  std::string_view token, const Origin& origin) const {
  const auto at = now();
  const auto hash = secrets::hash_of(secrets::Purpose::session, token);
  Session session{secrets::text_of(hash),
                  user.id,
                  user.name,
                  at,
                  at,
                  at + microseconds(std::min(idle_limit, total_limit)),
                  cut(origin.peer),
                  cut(origin.user_agent)};
  const auto trimmed = connection.execute(
      "DELETE FROM sessions WHERE user_id = $1 AND id_hash NOT IN (SELECT id_hash FROM sessions"
      " WHERE user_id = $1 ORDER BY last_used DESC, id_hash LIMIT $2)",
      {user.id, of_one_user_max - 1});
  if (!trimmed) return std::unexpected(Failure(trimmed.error()));
  const auto inserted = connection.execute(
      "INSERT INTO sessions (id_hash, user_id, created, last_used, expires, peer, user_agent)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {stored(hash), user.id, session.created, session.last_used, session.expires, session.peer,
       session.user_agent});
  if (!inserted) return std::unexpected(Failure(inserted.error()));
  if (auto done = recorded(connection, call, at, "session.create", user.name); !done)
    return std::unexpected(done.error());
  return session;
}

std::expected<Visitor, Error> Sessions::check(Connection& reader, std::string_view token) const {
  if (token.empty() || token.size() > secrets::token_bytes_max)
    return std::unexpected(*unauthenticated().own);
  const auto hash = stored(secrets::hash_of(secrets::Purpose::session, token));
  const auto rows = reader.execute(std::string(columns) + " WHERE sessions.id_hash = $1", {hash});
  if (!rows) return std::unexpected(error_of(rows.error()));
  const auto at = now();
  if (rows->empty() || rows->front().integer(5) <= at || rows->front().integer(9) != 0)
    return std::unexpected(*unauthenticated().own);
  const auto row = rows->front();
  Visitor visitor;
  visitor.session = session_of(row);
  visitor.user = {row.text(1), row.text(2),     parse_role(row.text(8)).value_or(Role::viewer),
                  false,       row.integer(10), row.integer(11)};
  if (at - visitor.session.last_used >= microseconds(touch_interval)) {
    const auto until =
        std::min(at + microseconds(idle_limit), visitor.session.created + microseconds(total_limit));
    // Lost when the store is busy or gone: the next use notes it.
    (void)store_->enqueue(
        [hash, at, until, seen = visitor.session.last_used](Connection& connection) -> storage::Outcome {
          const auto touched = connection.execute(
              "UPDATE sessions SET last_used = $2, expires = $3 WHERE id_hash = $1 AND last_used = $4",
              {hash, at, until, seen});
          if (!touched) return std::unexpected(touched.error());
          return {};
        },
        [](const storage::Outcome&) {});
  }
  return visitor;
}

std::expected<std::vector<Session>, Error> Sessions::list(Connection& reader,
                                                          std::string_view user_id) const {
  const auto rows =
      reader.execute(std::string(columns) +
                         " WHERE sessions.expires > $1 AND (CAST($2 AS TEXT) = '' OR sessions.user_id ="
                         " CAST($2 AS TEXT)) ORDER BY sessions.last_used DESC, sessions.id_hash",
                     {now(), std::string(user_id)});
  if (!rows) return std::unexpected(error_of(rows.error()));
  std::vector<Session> sessions;
  sessions.reserve(rows->size());
  for (const auto row : *rows)
    sessions.push_back(session_of(row));
  return sessions;
}

std::expected<void, Error> Sessions::revoke(const Call& call, std::string_view id) const {
  const auto at = now();
  const auto hash = hash_from(id);
  return in_transaction<void>(*store_, call, [&](Connection& connection) -> Attempt<void> {
    const Failure none(ErrorKind::not_found, "id", "there is no such session: list the sessions");
    if (!hash) return std::unexpected(none);
    const auto rows = connection.execute(std::string(columns) + " WHERE sessions.id_hash = $1", {*hash});
    if (!rows) return std::unexpected(Failure(rows.error()));
    if (rows->empty()) return std::unexpected(none);
    const auto deleted = connection.execute("DELETE FROM sessions WHERE id_hash = $1", {*hash});
    if (!deleted) return std::unexpected(Failure(deleted.error()));
    return recorded(connection, call, at, "session.revoke", rows->front().text(2));
  });
}

std::expected<std::int64_t, Error> Sessions::revoke_all(const Call& call, std::string_view user_id) const {
  const auto at = now();
  const std::string id(user_id);
  return in_transaction<std::int64_t>(*store_, call, [&](Connection& connection) -> Attempt<std::int64_t> {
    const auto user = connection.execute("SELECT name FROM users WHERE id = $1", {id});
    if (!user) return std::unexpected(Failure(user.error()));
    if (user->empty()) {
      return std::unexpected(
          Failure(ErrorKind::not_found, "id", "there is no user " + id + ": list the users"));
    }
    const auto deleted = connection.execute("DELETE FROM sessions WHERE user_id = $1", {id});
    if (!deleted) return std::unexpected(Failure(deleted.error()));
    if (deleted->changed() == 0) return 0;
    if (auto done = recorded(connection, call, at, "session.revoke_all", user->front().text(0)); !done)
      return std::unexpected(done.error());
    return deleted->changed();
  });
}

std::expected<std::int64_t, Error> Sessions::remove_expired(const Call& call) const {
  const auto at = now();
  return in_transaction<std::int64_t>(*store_, call, [&](Connection& connection) -> Attempt<std::int64_t> {
    const auto deleted = connection.execute("DELETE FROM sessions WHERE expires <= $1", {at});
    if (!deleted) return std::unexpected(Failure(deleted.error()));
    return deleted->changed();
  });
}

}  // namespace punctual::access
