#include "queryaudit/chain.hpp"

#include <sodium.h>

#include <array>

#include "queryaudit/rows.hpp"

namespace punctual::queryaudit {

namespace {

using storage::Connection;
using storage::Error;
using storage::Value;

constexpr const char* tampered =
    "the chain of the records of queries was tampered with, and nothing is appended to it: run "
    "`punctual audit verify`";

std::unexpected<Error> refusal(const char* message) {
  return std::unexpected(Error{storage::ErrorKind::refused, message, {}});
}

std::expected<std::string, std::string> new_key_text() {
  const auto key = secrets::Key::random();
  if (!key) return std::unexpected(key.error().message);
  std::array<char, secrets::Key::bytes * 2 + 1> text{};
  sodium_bin2hex(text.data(), text.size(), key->reveal().data(), secrets::Key::bytes);
  std::string result(text.data());
  sodium_memzero(text.data(), text.size());
  return result;
}

std::expected<secrets::Key, std::string> opened(const KeySeal& seal, std::string_view blob) {
  const auto text = seal.open(blob);
  if (!text) return std::unexpected(text.error());
  auto key = secrets::Key::parse(text->reveal());
  if (!key) return std::unexpected("the key of the chain of queries is damaged");
  return std::move(*key);
}

// Sealed; nothing: there is none yet.
std::expected<std::optional<std::string>, std::string> stored_key(storage::Store& store) {
  auto reader = store.reader();
  if (!reader) return std::unexpected(reader.error().message);
  const auto rows = (*reader)->execute("SELECT key_sealed FROM query_chain WHERE id = 1");
  if (!rows) return std::unexpected(rows.error().message);
  if (rows->empty()) return std::nullopt;
  return std::string(storage::bytes_of(rows->front().blob(0)));
}

std::expected<void, std::string> make_key(storage::Store& store, const KeySeal& seal) {
  auto text = new_key_text();
  if (!text) return std::unexpected(text.error());
  const config::Secret secret(std::move(*text));
  const auto blob = seal.seal(secret.reveal());
  if (!blob) return std::unexpected(blob.error());
  auto key = opened(seal, *blob);
  if (!key) return std::unexpected(key.error());
  const LinkHash hash(std::move(*key));
  const std::string origin(LinkHash::origin());
  const auto written = store.write([&](Connection& connection) -> storage::Outcome {
    // Of several gateways that start at once, one does.
    const auto inserted = connection.execute(
        "INSERT INTO query_chain (id, key_sealed, links, head, seal) VALUES (1, $1, 0, $2, $3) "
        "ON CONFLICT DO NOTHING",
        {storage::blob_of(*blob), origin, hash.of_head(0, origin)});
    if (!inserted) return std::unexpected(inserted.error());
    return {};
  });
  if (!written) return std::unexpected(written.error().message);
  return {};
}

}  // namespace

std::expected<std::unique_ptr<Chain>, std::string> Chain::open(storage::Store& store, const KeySeal& seal) {
  auto blob = stored_key(store);
  if (blob && !*blob) {
    if (auto made = make_key(store, seal); !made) return std::unexpected(made.error());
    blob = stored_key(store);
  }
  if (!blob) return std::unexpected(blob.error());
  auto key = opened(seal, **blob);
  if (!key) return std::unexpected(key.error());
  return std::unique_ptr<Chain>(new Chain(std::move(*key)));
}

std::expected<Head, Error> read_head(Connection& connection) {
  const auto rows = connection.execute("SELECT links, head, seal FROM query_chain WHERE id = 1");
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return Head{};
  return Head{rows->front().integer(0), rows->front().text(1), rows->front().text(2)};
}

std::expected<Head, Error> Chain::take_turn(Connection& connection) const {
  if (auto ordered = storage::order_appends(connection); !ordered) return std::unexpected(ordered.error());
  auto head = read_head(connection);
  if (!head) return head;
  const bool fits = same_hash(head->seal, hash_.of_head(head->links, head->hash));
  if (!fits || head->links < links_seen_.load(std::memory_order_relaxed)) return refusal(tampered);
  return head;
}

storage::Outcome Chain::put_head(Connection& connection, std::int64_t links, const std::string& hash) const {
  const auto updated =
      connection.execute("UPDATE query_chain SET links = $1, head = $2, seal = $3 WHERE id = 1",
                         {links, hash, hash_.of_head(links, hash)});
  if (!updated) return std::unexpected(updated.error());
  return {};
}

std::expected<std::int64_t, Error> Chain::start(Connection& connection, const Started& started) {
  const auto head = take_turn(connection);
  if (!head) return std::unexpected(head.error());
  const std::int64_t id = head->links + 1;
  const std::string hash = hash_.of_start(id, head->hash, started);
  const auto inserted = connection.execute(
      "INSERT INTO queries (id, at, until, user_name, model, chat_id, request_id, round, data_source, kind, "
      "tool, statement, reason, hash, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
      "$13, "
      "$14, 'running')",
      {id, started.at, started.until, started.user, started.model, started.chat_id, started.request_id,
       started.round, started.data_source, started.kind, started.tool, started.statement, started.reason,
       hash});
  if (!inserted) {
    if (inserted.error().kind == storage::ErrorKind::constraint) return refusal(tampered);
    return std::unexpected(inserted.error());
  }
  if (auto put = put_head(connection, id, hash); !put) return std::unexpected(put.error());
  return id;
}

std::expected<bool, Error> Chain::finish(Connection& connection, std::int64_t id, const Finished& finished) {
  const auto head = take_turn(connection);
  if (!head) return std::unexpected(head.error());
  const auto rows = connection.execute("SELECT hash, end_link FROM queries WHERE id = $1", {id});
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return refusal(tampered);
  if (!rows->front().is_null(1)) return false;
  const std::int64_t place = head->links + 1;
  const std::string hash = hash_.of_end(place, head->hash, id, rows->front().text(0), finished);
  const auto updated = connection.execute(
      "UPDATE queries SET outcome = $2, end_link = $3, finished = $4, row_count = $5, byte_count = $6, "
      "truncated = $7, duration_us = $8, error = $9, result_hash = $10, end_hash = $11 WHERE id = $1",
      {id, std::string(name_of(finished.outcome)), place, finished.at, finished.rows, finished.bytes,
       std::int64_t{finished.truncated}, finished.duration_us, finished.error, finished.result_hash, hash});
  if (!updated) return std::unexpected(updated.error());
  if (auto put = put_head(connection, place, hash); !put) return std::unexpected(put.error());
  return true;
}

void Chain::committed(std::int64_t links) {
  std::int64_t seen = links_seen_.load(std::memory_order_relaxed);
  while (seen < links && !links_seen_.compare_exchange_weak(seen, links, std::memory_order_relaxed)) {
  }
}

}  // namespace punctual::queryaudit
