#include "storage/migrations.hpp"

#include <fmt/format.h>

#include <map>

#include "storage/now.hpp"
#include "storage/portable.hpp"
#include "storage/store.hpp"

namespace punctual::storage {

namespace {

// Two gateways that start together take turns. The number is Punctual's own, in bytes: "punctual".
constexpr std::string_view take_turns = "SELECT pg_advisory_xact_lock(8103504477957742956)";

constexpr std::string_view own_table =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL,"
    " checksum TEXT NOT NULL, applied BIGINT NOT NULL)";

std::string portable(Dialect dialect, std::string_view statement) {
  return dialect == Dialect::sqlite ? to_sqlite(statement) : std::string(statement);
}

// Against accidents, not against malice: FNV-1a, without the layout of the text.
std::string checksum_of(const Migration& migration) {
  std::uint64_t sum = 14695981039346656037U;
  for (const std::string_view statement : migration.statements) {
    for (const char c : statement) {
      if (c != ' ' && c != '\n') sum = (sum ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    sum = (sum ^ ';') * 1099511628211U;
  }
  return fmt::format("{:016x}", sum);
}

std::unexpected<Error> refusal(std::string message) {
  return std::unexpected(Error{ErrorKind::refused, std::move(message), {}});
}

Outcome execute_all(Connection& connection, std::span<const std::string_view> statements) {
  for (const std::string_view statement : statements) {
    const auto done = connection.execute(portable(connection.dialect(), statement));
    if (!done) return std::unexpected(done.error());
  }
  return {};
}

// What is recorded, by number; refuses what this program does not know.
std::expected<std::map<std::int64_t, std::string>, Error> recorded(Connection& connection,
                                                                   std::span<const Migration> migrations) {
  const auto rows = connection.execute("SELECT number, checksum FROM schema_migrations ORDER BY number");
  if (!rows) return std::unexpected(rows.error());
  std::map<std::int64_t, std::string> result;
  for (const Row row : *rows)
    result.emplace(row.integer(0), row.text(1));
  const std::int64_t known = migrations.empty() ? 0 : migrations.back().number;
  if (!result.empty() && result.rbegin()->first > known) {
    return refusal(
        fmt::format("the database was made by a newer version of Punctual (its schema is {}, this "
                    "version knows {}): start that version, or restore a backup",
                    result.rbegin()->first, known));
  }
  for (const Migration& migration : migrations) {
    const auto found = result.find(migration.number);
    if (found == result.end() || found->second == checksum_of(migration)) continue;
    return refusal(
        fmt::format("the database was made by another build of Punctual (its migration {} differs "
                    "from this version's): start that one, or restore a backup",
                    migration.number));
  }
  return result;
}

// In a transaction: applies the first one that is missing. False: none is.
std::expected<bool, Error> apply_next(Connection& connection, std::span<const Migration> migrations) {
  if (connection.dialect() == Dialect::postgresql) {
    const auto turn = connection.execute(take_turns);
    if (!turn) return std::unexpected(turn.error());
  }
  if (auto made = execute_all(connection, std::span(&own_table, 1)); !made)
    return std::unexpected(made.error());
  const auto done = recorded(connection, migrations);
  if (!done) return std::unexpected(done.error());
  for (const Migration& migration : migrations) {
    if (done->contains(migration.number)) continue;
    if (auto applied = execute_all(connection, migration.statements); !applied) {
      return std::unexpected(applied.error());
    }
    const auto noted = connection.execute(
        "INSERT INTO schema_migrations (number, name, checksum, applied) VALUES ($1, $2, $3, $4)",
        {migration.number, std::string(migration.name), checksum_of(migration), to_microseconds(wall_now())});
    if (!noted) return std::unexpected(noted.error());
    return true;
  }
  return false;
}

}  // namespace

Outcome migrate(Connection& connection, std::span<const Migration> migrations) {
  for (;;) {
    if (auto begun = connection.begin(); !begun) return begun;
    const auto applied = apply_next(connection, migrations);
    if (!applied) {
      [[maybe_unused]] const auto undone = connection.rollback();  // the first error is the one that counts
      return std::unexpected(applied.error());
    }
    if (auto committed = connection.commit(); !committed) return committed;
    if (!*applied) return {};
  }
}

}  // namespace punctual::storage
