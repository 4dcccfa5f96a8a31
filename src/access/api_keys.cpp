#include "access/api_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "access/names.hpp"
#include "access/transaction.hpp"
#include "changes/changes.hpp"
#include "json/splice.hpp"

namespace punctual::access {

namespace {

using storage::Connection;

constexpr std::size_t hint_characters = 4;
constexpr std::string_view columns =
    "SELECT id, name, hint, document, created, created_by, revoked, last_used, hash FROM api_keys";

struct StoredKey {
  ApiKey key;
  secrets::TokenHash hash{};
  bool is_whole = true;
};

StoredKey stored_key(const storage::Row& row) {
  StoredKey stored;
  const auto limits = ApiKeyLimits::parse(row.text(3));
  const auto hash = storage::bytes_of(row.blob(8));
  stored.is_whole = limits.has_value() && hash.size() == stored.hash.size();
  if (stored.is_whole) std::copy(hash.begin(), hash.end(), stored.hash.begin());
  stored.key = {row.text(0),
                row.text(1),
                row.text(2),
                limits.value_or(ApiKeyLimits{}),
                row.integer(4),
                row.text(5),
                row.optional_integer(6),
                row.optional_integer(7)};
  return stored;
}

std::expected<std::vector<StoredKey>, storage::Error> read_keys(
    Connection& connection, std::string_view where, std::initializer_list<storage::Value> values) {
  const auto rows = connection.execute(fmt::format("{} {}", columns, where), values);
  if (!rows) return std::unexpected(rows.error());
  std::vector<StoredKey> keys;
  keys.reserve(rows->size());
  for (const auto row : *rows)
    keys.push_back(stored_key(row));
  return keys;
}

Error no_such_key(std::string_view id) {
  return {ErrorKind::not_found, "id", fmt::format("there is no API key {}: list the keys", id), {}};
}

std::string document_of(const ApiKey& key) {
  return fmt::format("{{\"name\":{},\"hint\":{},\"limits\":{}}}", json::quoted(key.name),
                     json::quoted(key.hint), key.limits.document());
}

// Records the change and tells whoever serves requests.
Attempt<void> told(Connection& connection, const Call& call, std::int64_t now, std::string_view action,
                   const ApiKey* before, const ApiKey* after) {
  const ApiKey& key = after ? *after : *before;
  changes::Change change{call.actor,   std::string(action), "api_key:" + key.name,
                         std::nullopt, std::nullopt,        call.request_id};
  if (before) change.before = document_of(*before);
  if (after) change.after = document_of(*after);
  if (const auto done = changes::record(connection, now, change); !done)
    return std::unexpected(Failure(done.error()));
  if (const auto done = connection.notify(api_keys_channel, key.id); !done)
    return std::unexpected(Failure(done.error()));
  return {};
}

// Among the keys that are not revoked, but for `id`.
Attempt<void> check_free(Connection& connection, std::string_view name, std::string_view id) {
  const auto rows = connection.execute("SELECT id, name FROM api_keys WHERE revoked IS NULL");
  if (!rows) return std::unexpected(Failure(rows.error()));
  for (const auto row : *rows) {
    if (row.text(0) != id && same_name(row.text(1), name)) {
      return std::unexpected(
          Failure(ErrorKind::conflict, "name",
                  fmt::format("is taken: the API key {} exists; give another", row.text(1))));
    }
  }
  if (id.empty() && rows->size() >= api_keys_max) {
    return std::unexpected(Failure(ErrorKind::conflict, "",
                                   fmt::format("there are {} API keys already: revoke one", api_keys_max)));
  }
  return {};
}

// To be changed: there, and not revoked.
Attempt<StoredKey> find_active(Connection& connection, std::string_view id) {
  const auto keys = read_keys(connection, "WHERE id = $1", {std::string(id)});
  if (!keys) return std::unexpected(Failure(keys.error()));
  if (keys->empty()) return std::unexpected(Failure(no_such_key(id)));
  const ApiKey& key = keys->front().key;
  if (key.revoked) {
    return std::unexpected(
        Failure(ErrorKind::conflict, "id",
                fmt::format("the API key {} is revoked for ever: make another", key.name)));
  }
  return keys->front();
}

}  // namespace

std::expected<NewApiKey, Error> ApiKeys::create(const Call& call, std::string_view name,
                                                const ApiKeyLimits& limits) {
  auto checked = checked_name(name);
  if (!checked) return std::unexpected(checked.error());
  if (auto fine = check_limits(limits); !fine) return std::unexpected(fine.error());
  auto text = secrets::new_token(secrets::Purpose::api_key);
  const auto hash = secrets::hash_of(secrets::Purpose::api_key, text.reveal());
  ApiKey key;
  key.id = secrets::new_id("key");
  key.name = std::move(*checked);
  key.hint = text.reveal().substr(text.reveal().size() - hint_characters);
  key.limits = limits;
  key.created = storage::to_microseconds(clock_->wall_now());
  key.created_by = call.actor;
  const auto done = in_transaction<void>(*store_, call, [&](Connection& connection) -> Attempt<void> {
    if (auto is_free = check_free(connection, key.name, ""); !is_free) return is_free;
    const auto inserted = connection.execute(
        "INSERT INTO api_keys (id, name, hash, hint, document, created, created_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {key.id, key.name, storage::blob_of({reinterpret_cast<const char*>(hash.data()), hash.size()}),
         key.hint, key.limits.document(), key.created, storage::storable_text(key.created_by)});
    if (!inserted) return std::unexpected(Failure(inserted.error()));
    return told(connection, call, key.created, "api_key.create", nullptr, &key);
  });
  if (!done) return std::unexpected(done.error());
  return NewApiKey{std::move(key), std::move(text)};
}

std::expected<ApiKey, Error> ApiKeys::change(const Call& call, std::string_view id,
                                             const ApiKeyChange& wanted) {
  std::optional<std::string> name;
  if (wanted.name) {
    auto checked = checked_name(*wanted.name);
    if (!checked) return std::unexpected(checked.error());
    name = std::move(*checked);
  }
  if (wanted.limits) {
    if (auto fine = check_limits(*wanted.limits); !fine) return std::unexpected(fine.error());
  }
  const auto now = storage::to_microseconds(clock_->wall_now());
  return in_transaction<ApiKey>(*store_, call, [&](Connection& connection) -> Attempt<ApiKey> {
    const auto stored = find_active(connection, id);
    if (!stored) return std::unexpected(stored.error());
    // Else its limits would be gone with its new name.
    if (!stored->is_whole && !wanted.limits) {
      return std::unexpected(
          Failure(ErrorKind::conflict, "limits", "as stored cannot be read: give them anew"));
    }
    const ApiKey* before = &stored->key;
    ApiKey after = *before;
    after.name = name.value_or(after.name);
    if (wanted.limits) after.limits = *wanted.limits;
    if (stored->is_whole && after.name == before->name && after.limits == before->limits) return after;
    if (auto is_free = check_free(connection, after.name, id); !is_free)
      return std::unexpected(is_free.error());
    const auto updated = connection.execute("UPDATE api_keys SET name = $2, document = $3 WHERE id = $1",
                                            {after.id, after.name, after.limits.document()});
    if (!updated) return std::unexpected(Failure(updated.error()));
    if (auto done = told(connection, call, now, "api_key.change", before, &after); !done)
      return std::unexpected(done.error());
    return after;
  });
}

std::expected<ApiKey, Error> ApiKeys::revoke(const Call& call, std::string_view id) {
  const auto now = storage::to_microseconds(clock_->wall_now());
  return in_transaction<ApiKey>(*store_, call, [&](Connection& connection) -> Attempt<ApiKey> {
    const auto stored = find_active(connection, id);
    if (!stored) return std::unexpected(stored.error());
    ApiKey key = stored->key;
    const auto updated = connection.execute("UPDATE api_keys SET revoked = $2 WHERE id = $1", {key.id, now});
    if (!updated) return std::unexpected(Failure(updated.error()));
    if (auto done = told(connection, call, now, "api_key.revoke", &key, nullptr); !done)
      return std::unexpected(done.error());
    key.revoked = now;
    return key;
  });
}

std::expected<std::vector<ApiKey>, Error> ApiKeys::list(Connection& reader) {
  auto stored = read_keys(reader, "ORDER BY revoked IS NOT NULL, name, id", {});
  if (!stored) return std::unexpected(error_of(stored.error()));
  std::vector<ApiKey> keys;
  keys.reserve(stored->size());
  for (StoredKey& one : *stored)
    keys.push_back(std::move(one.key));
  return keys;
}

std::expected<ApiKey, Error> ApiKeys::get(Connection& reader, std::string_view id) {
  auto keys = read_keys(reader, "WHERE id = $1", {std::string(id)});
  if (!keys) return std::unexpected(error_of(keys.error()));
  if (keys->empty()) return std::unexpected(no_such_key(id));
  return std::move(keys->front().key);
}

std::expected<std::vector<ActiveApiKey>, Error> ApiKeys::active(Connection& reader) {
  auto stored = read_keys(reader, "WHERE revoked IS NULL ORDER BY id", {});
  if (!stored) return std::unexpected(error_of(stored.error()));
  std::vector<ActiveApiKey> keys;
  keys.reserve(stored->size());
  for (StoredKey& one : *stored) {
    if (!one.is_whole) {
      return std::unexpected(Error{
          ErrorKind::unavailable,
          "",
          fmt::format("the stored API key {} cannot be read: revoke it, and make another", one.key.name),
          {}});
    }
    keys.push_back({std::move(one.key.id), std::move(one.key.name), one.hash, std::move(one.key.limits)});
  }
  return keys;
}

bool ApiKeys::note_uses(std::vector<ApiKeyUse> uses) {
  std::vector<std::vector<storage::Value>> rows;
  rows.reserve(uses.size());
  for (ApiKeyUse& use : uses)
    rows.push_back({std::move(use.id), use.at});
  if (rows.empty()) return true;
  return store_->enqueue(
      [rows = std::move(rows)](Connection& connection) -> storage::Outcome {
        const auto updated = connection.execute_batch(
            "UPDATE api_keys SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used < $2)",
            rows);
        if (!updated) return std::unexpected(updated.error());
        return {};
      },
      [](const storage::Outcome&) {});
}

}  // namespace punctual::access
