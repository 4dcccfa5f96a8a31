#include "queryaudit/audited_query.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <limits>

#include "storage/value.hpp"
#include "telemetry/log.hpp"

namespace punctual::queryaudit {

namespace {

using datasource::Ended;
using datasource::Piece;

constexpr std::size_t reason_bytes_max = 4096;
constexpr std::size_t error_bytes_max = 4096;
constexpr std::int64_t lost_at_once = 100;

// Fit for the database, and no longer than that.
std::string kept(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return storage::storable_text(text);
  return storage::storable_text(text.substr(0, bytes_max)) + fmt::format(" [{} bytes]", text.size());
}

// Of columns and rows as they are handed over, each with a line's end.
class ResultHash {
 public:
  ResultHash() { crypto_hash_sha256_init(&state_); }

  void add(const Piece& piece) {
    if (!piece.columns.empty()) add(piece.columns);
    for (const auto& row : piece.rows)
      add(row);
  }
  std::string text() {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256_final(&state_, hash.data());
    std::string hex(hash.size() * 2 + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    hex.pop_back();
    return hex;
  }

 private:
  void add(std::string_view line) {
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(line.data()), line.size());
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>("\n"), 1);
  }

  crypto_hash_sha256_state state_{};
};

Ended refused(std::string error) {
  Ended ended;
  ended.end = datasource::End::refused;
  ended.error = std::move(error);
  return ended;
}

Started started_of(const QueryOrder& order, const datasource::Source* source) {
  Started started;
  started.user = kept(order.user, reason_bytes_max);
  started.model = kept(order.model, reason_bytes_max);
  started.chat_id = kept(order.chat_id, reason_bytes_max);
  started.request_id = kept(order.request_id, reason_bytes_max);
  started.round = order.round;
  started.data_source = source ? source->name : kept(order.data_source, reason_bytes_max);
  started.kind = source ? datasource::name_of(source->kind) : std::string_view();
  started.tool = datasource::name_of(order.tool);
  started.statement = kept(order.text, datasource::statement_bytes_max);
  started.reason = kept(order.reason, reason_bytes_max);
  return started;
}

}  // namespace

AuditedQueries::AuditedQueries(storage::Store& store, const deadline::Clock& clock,
                               std::expected<std::unique_ptr<Chain>, std::string> chain,
                               FindSource find_source)
    : store_(store), clock_(clock), chain_(std::move(chain)), find_source_(std::move(find_source)) {}

std::expected<std::int64_t, storage::Error> AuditedQueries::record(const Started& started,
                                                                   deadline::Instant deadline) {
  if (!chain_) return std::unexpected(storage::Error{storage::ErrorKind::refused, chain_.error(), {}});
  std::int64_t id = 0;
  const auto written = store_.write(
      [&](storage::Connection& connection) -> storage::Outcome {
        const auto made = (*chain_)->start(connection, started);
        if (!made) return std::unexpected(made.error());
        id = *made;
        return {};
      },
      std::min(deadline, clock_.now() + record_limit));
  if (!written) return std::unexpected(written.error());
  (*chain_)->committed(id);
  return id;
}

void AuditedQueries::complete(std::int64_t id, const Finished& finished) {
  Chain& chain = **chain_;
  const storage::Job job = [&chain, id, finished](storage::Connection& connection) -> storage::Outcome {
    const auto done = chain.finish(connection, id, finished);
    if (!done) return std::unexpected(done.error());
    return {};
  };
  const auto written = store_.write(job, clock_.now() + completion_limit);
  if (written) return;
  const auto say = [id](const std::string& why) {
    telemetry::log_error(fmt::format("the record {} of a query could not be completed: {}", id, why));
  };
  if (written.error().kind == storage::ErrorKind::refused) return say(written.error().message);
  // It is not known whether it was saved; a second completion of the same record changes nothing.
  const bool taken = store_.enqueue(
      job,
      [say](const storage::Outcome& outcome) {
        if (!outcome) say(outcome.error().message);
      },
      clock_.now() + late_completion_limit);
  if (!taken) say("too many writes are waiting");
}

QueryDone AuditedQueries::run(const QueryOrder& order, deadline::Instant deadline,
                              const datasource::CancelToken& token, QuerySink& sink) {
  const auto source = find_source_(order.data_source);
  const auto left = std::max(deadline - clock_.now(), deadline::Duration::zero());
  const auto limit =
      source ? std::min(left, deadline::from_seconds(source->query_seconds)) : deadline::Duration::zero();
  QueryDone done;
  done.limit_seconds = deadline::seconds(limit);

  Started started = started_of(order, source.get());
  started.at = storage::to_microseconds(clock_.wall_now());
  started.until = storage::to_microseconds(clock_.wall_now() + limit);
  const auto id = record(started, deadline);
  if (!id) {
    done.error = "the query was not run, because its record could not be written: " + id.error().message;
    return done;
  }
  done.id = std::to_string(*id);
  sink.begun({done.id, done.limit_seconds});

  ResultHash hash;
  const auto begun = clock_.now();
  Ended ended;
  if (!source) {
    ended = refused("there is no data source of the id " + started.data_source);
  } else if (!source->enabled) {
    ended = refused("the data source " + source->name + " is not enabled");
  } else {
    ended = datasource::run(*source, {order.tool, order.text}, deadline, token, [&](const Piece& piece) {
      if (!sink.piece(piece)) return false;
      hash.add(piece);
      return true;
    });
  }
  done.duration = clock_.now() - begun;
  done.outcome = outcome_of(ended.end);
  done.error = ended.error;
  done.by_query_seconds = ended.by_query_seconds;
  done.rows = static_cast<std::int64_t>(ended.rows);
  done.bytes = static_cast<std::int64_t>(ended.bytes);
  done.truncated = ended.truncated;
  done.result_hash = hash.text();
  Finished finished;
  finished.at = storage::to_microseconds(clock_.wall_now());
  finished.outcome = done.outcome;
  finished.rows = done.rows;
  finished.bytes = done.bytes;
  finished.truncated = done.truncated;
  finished.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(done.duration).count();
  finished.error = kept(done.error, error_bytes_max);
  finished.result_hash = done.result_hash;
  complete(*id, finished);
  return done;
}

std::expected<std::int64_t, storage::Error> AuditedQueries::complete_some_lost(std::int64_t until) {
  std::int64_t completed = 0;
  const auto written = store_.write([&](storage::Connection& connection) -> storage::Outcome {
    completed = 0;
    const auto rows = connection.execute(
        "SELECT id FROM queries WHERE outcome = 'running' AND until < $1 ORDER BY id LIMIT $2",
        {until, lost_at_once});
    if (!rows) return std::unexpected(rows.error());
    for (const auto row : *rows) {
      Finished finished;
      finished.at = storage::to_microseconds(clock_.wall_now());
      finished.outcome = Outcome::lost;
      finished.error = "the gateway ended while the query ran";
      const auto done = (*chain_)->finish(connection, row.integer(0), finished);
      if (!done) return std::unexpected(done.error());
      completed += *done ? 1 : 0;
    }
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return completed;
}

std::expected<std::int64_t, storage::Error> AuditedQueries::complete_lost(bool starting) {
  if (!chain_) return 0;
  const bool alone = starting && store_.dialect() == storage::Dialect::sqlite;
  const std::int64_t until = alone ? std::numeric_limits<std::int64_t>::max()
                                   : storage::to_microseconds(clock_.wall_now() - lost_grace);
  std::int64_t all = 0;
  for (;;) {
    const auto some = complete_some_lost(until);
    if (!some) return some;
    all += *some;
    if (*some < lost_at_once) return all;
  }
}

}  // namespace punctual::queryaudit
