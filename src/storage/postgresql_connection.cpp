#include "storage/postgresql_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "storage/now.hpp"
#include "storage/parameters.hpp"
#include "storage/postgresql_listener.hpp"
#include "storage/postgresql_values.hpp"

namespace punctual::storage {

namespace {

// A gateway that hangs in a transaction must not hold up the others for ever.
constexpr const char* session_settings =
    "SET idle_in_transaction_session_timeout = '60s'; SET bytea_output = 'hex'; SET DateStyle = 'ISO'";
constexpr const char* reader_settings = "SET default_transaction_read_only = on";
// Not on every system's server, and not before PostgreSQL 14.
constexpr const char* wished_settings = "SET client_connection_check_interval = '1s'";

std::unexpected<Error> mistake(std::string message) {
  return std::unexpected(Error{ErrorKind::internal, std::move(message), {}});
}

// One type for each column of parameters, out of the rows that have a value there.
std::expected<std::vector<Oid>, Error> types_of(std::span<const std::vector<Value>> rows) {
  std::vector<Oid> types(rows.front().size(), 0);
  for (const auto& row : rows) {
    if (row.size() != types.size()) return mistake("rows of parameters of different lengths");
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (std::holds_alternative<std::monostate>(row[column])) continue;
      const Oid type = postgresql_type(row[column]);
      if (types[column] != 0 && types[column] != type) {
        return mistake("a column of parameters with different types");
      }
      types[column] = type;
    }
  }
  return types;
}

}  // namespace

std::expected<std::unique_ptr<PostgresqlConnection>, Error> PostgresqlConnection::open(
    PostgresqlTarget target, Use use, deadline::Instant deadline) {
  std::unique_ptr<PostgresqlConnection> result(new PostgresqlConnection(std::move(target), use));
  if (auto connected = result->reconnect(deadline); !connected) return std::unexpected(connected.error());
  return result;
}

PostgresqlConnection::~PostgresqlConnection() = default;

Outcome PostgresqlConnection::reconnect(deadline::Instant deadline) {
  link_.reset();
  by_key_.clear();
  latest_.clear();
  begun_ = false;
  wake_.clear();
  auto link = PostgresqlLink::open(target_, deadline, &wake_);
  if (!link) return std::unexpected(std::move(link.error()));
  if (auto set = (*link)->run(session_settings, deadline, &wake_, target_); !set) return set;
  if (use_ == Use::reader) {
    if (auto set = (*link)->run(reader_settings, deadline, &wake_, target_); !set) return set;
  }
  const auto wished = (*link)->run(wished_settings, deadline, &wake_, target_);
  if (!wished && wished.error().kind == ErrorKind::unavailable) return wished;
  link_ = std::move(*link);
  return {};
}

Error PostgresqlConnection::lose(Error error) {
  link_.reset();
  return error;
}

Error PostgresqlConnection::lost() {
  const std::string why = link_ ? target_.masked(link_->message()) : std::string();
  return lose({ErrorKind::unavailable,
               "the connection to the database is lost" + (why.empty() ? std::string() : ": " + why),
               {}});
}

Error PostgresqlConnection::failure(const PGresult* result) const {
  Error error = postgresql_error(result, target_);
  return error.kind == ErrorKind::interrupted && cancelled_ ? *cancelled_ : error;
}

Outcome PostgresqlConnection::start_call() {
  wake_.clear();
  cancelled_.reset();
  limit_ = deadline_.value_or(now() + call_limit);
  if (link_ && PQstatus(link_->handle()) == CONNECTION_BAD) link_.reset();
  if (!link_ && (use_ != Use::reader || begun_)) {
    return std::unexpected(Error{ErrorKind::unavailable, "the connection to the database is lost", {}});
  }
  if (now() >= limit_) {
    return std::unexpected(Error{ErrorKind::interrupted, "the database took longer than it was given", {}});
  }
  if (!link_) return reconnect(limit_);
  return {};
}

void PostgresqlConnection::cancel(deadline::Instant deadline) {
  const int process = PQbackendPID(link_->handle());
  auto second = PostgresqlLink::open(target_, deadline, nullptr);
  if (!second) return;
  const std::string sql = fmt::format("SELECT pg_cancel_backend({})", process);
  [[maybe_unused]] const auto done = (*second)->run(sql.c_str(), deadline, nullptr,
                                                    target_);  // the first connection shows whether it helped
}

std::expected<PostgresqlResult, Error> PostgresqlConnection::next_result() {
  for (;;) {
    const auto waited = link_->wait_result(limit_, cancelled_ ? nullptr : &wake_);
    if (waited == PostgresqlLink::Waited::ready) return PostgresqlResult(PQgetResult(link_->handle()));
    if (waited == PostgresqlLink::Waited::lost) return std::unexpected(lost());
    if (cancelled_) return std::unexpected(lose(*cancelled_));
    cancelled_ = Error{ErrorKind::interrupted,
                       waited == PostgresqlLink::Waited::woken ? "the statement was cancelled"
                                                               : "the database took longer than it was given",
                       {}};
    limit_ = now() + cancel_grace;
    cancel(limit_);
  }
}

std::expected<PostgresqlResult, Error> PostgresqlConnection::last_result() {
  PostgresqlResult last;
  std::optional<Error> error;
  for (;;) {
    auto result = next_result();
    if (!result) return std::unexpected(error ? *error : result.error());
    if (!*result) break;
    const auto status = PQresultStatus(result->get());
    if ((status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) && !error)
      error = failure(result->get());
    last = std::move(*result);
  }
  if (PQstatus(link_->handle()) == CONNECTION_BAD) link_.reset();
  if (error) return std::unexpected(std::move(*error));
  if (!last) return std::unexpected(lost());
  return last;
}

Outcome PostgresqlConnection::command(const char* sql) {
  if (PQsendQuery(link_->handle(), sql) == 0) return std::unexpected(lost());
  const auto result = last_result();
  if (!result) return std::unexpected(result.error());
  return {};
}

std::expected<std::string, Error> PostgresqlConnection::prepare(std::string_view sql,
                                                                std::span<const Oid> types) {
  std::string key(sql);
  for (const Oid type : types)
    key += fmt::format("\n{}", type);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    latest_.splice(latest_.begin(), latest_, found->second);
    return latest_.front().name;
  }
  if (latest_.size() >= statements_kept_max) {
    const std::string free = "DEALLOCATE " + latest_.back().name;
    by_key_.erase(latest_.back().key);
    latest_.pop_back();
    if (auto freed = command(free.c_str()); !freed) return std::unexpected(freed.error());
  }
  std::string name = fmt::format("s{}", ++names_);
  const std::string text(sql);
  const int sent = PQsendPrepare(link_->handle(), name.c_str(), text.c_str(), static_cast<int>(types.size()),
                                 types.data());
  if (sent == 0) return std::unexpected(lost());
  const auto prepared = last_result();
  if (!prepared) return std::unexpected(prepared.error());
  latest_.push_front({std::move(key), name});
  by_key_.emplace(latest_.front().key, latest_.begin());
  return name;
}

// After an error: it may be that the statement no longer fits the schema.
void PostgresqlConnection::forget(std::string_view name) {
  const auto found = std::ranges::find(latest_, name, &Kept::name);
  if (found == latest_.end()) return;
  by_key_.erase(found->key);
  latest_.erase(found);
}

std::expected<Rows, Error> PostgresqlConnection::execute(std::string_view sql,
                                                         std::span<const Value> parameters) {
  if (auto started = start_call(); !started) return std::unexpected(started.error());
  if (auto checked = check_parameters(parameters); !checked) return std::unexpected(checked.error());
  std::vector<Oid> types;
  for (const Value& value : parameters)
    types.push_back(postgresql_type(value));
  const auto name = prepare(sql, types);
  if (!name) return std::unexpected(name.error());
  PostgresqlParameters wire;
  wire.set(parameters);
  if (PQsendQueryPrepared(link_->handle(), name->c_str(), wire.count(), wire.texts(), wire.lengths(),
                          wire.formats(), 0) == 0) {
    return std::unexpected(lost());
  }
  auto result = last_result();
  if (!result) {
    if (result.error().kind == ErrorKind::internal) forget(*name);
    return std::unexpected(std::move(result.error()));
  }
  return rows_of(result->get());
}

Outcome PostgresqlConnection::send_rows(const std::string& name, std::span<const std::vector<Value>> rows) {
  PGconn* handle = link_->handle();
  if (PQenterPipelineMode(handle) == 0) return std::unexpected(lost());
  PostgresqlParameters wire;
  for (const auto& row : rows) {
    wire.set(row);
    const int sent = PQsendQueryPrepared(handle, name.c_str(), wire.count(), wire.texts(), wire.lengths(),
                                         wire.formats(), 0);
    if (sent == 0) return std::unexpected(lost());
  }
  if (PQpipelineSync(handle) == 0) return std::unexpected(lost());
  return {};
}

std::expected<std::int64_t, Error> PostgresqlConnection::pipeline_results(std::size_t count) {
  std::int64_t changed = 0;
  std::optional<Error> error;
  // A result and an end for each row, then one for the synchronisation.
  for (std::size_t left = 2 * count + 1; left > 0; --left) {
    auto result = next_result();
    if (!result) return std::unexpected(error ? *error : result.error());
    if (!*result) continue;
    const auto status = PQresultStatus(result->get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_FATAL_ERROR && !error) error = failure(result->get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) changed += changed_by(result->get());
  }
  if (PQexitPipelineMode(link_->handle()) == 0) return std::unexpected(error ? lose(*error) : lost());
  if (error) return std::unexpected(std::move(*error));
  return changed;
}

std::expected<std::int64_t, Error> PostgresqlConnection::execute_batch(
    std::string_view sql, std::span<const std::vector<Value>> rows) {
  if (rows.empty()) return 0;
  if (auto started = start_call(); !started) return std::unexpected(started.error());
  const auto types = types_of(rows);
  if (!types) return std::unexpected(types.error());
  for (const auto& row : rows) {
    if (auto checked = check_parameters(row); !checked) return std::unexpected(checked.error());
  }
  const auto name = prepare(sql, *types);
  if (!name) return std::unexpected(name.error());
  if (auto sent = send_rows(*name, rows); !sent) return std::unexpected(sent.error());
  auto changed = pipeline_results(rows.size());
  if (!changed && changed.error().kind == ErrorKind::internal) forget(*name);
  return changed;
}

// A pipeline costs the server less than it would to plan a statement of many rows.
std::expected<std::int64_t, Error> PostgresqlConnection::insert(std::string_view into,
                                                                std::span<const std::vector<Value>> rows) {
  if (rows.empty()) return 0;
  return execute_batch(insert_statement(into, 1, rows.front().size()), rows);
}

Outcome PostgresqlConnection::begin() {
  if (auto started = start_call(); !started) return started;
  auto begun = command(use_ == Use::reader ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN");
  begun_ = begun.has_value();
  return begun;
}

Outcome PostgresqlConnection::commit() {
  if (auto started = start_call(); !started) return started;
  if (PQsendQuery(link_->handle(), "COMMIT") == 0) return std::unexpected(lost());
  const auto result = last_result();
  if (!result) {
    Error error = result.error();
    if (connected()) return std::unexpected(std::move(error));
    error.kind = ErrorKind::unavailable;
    error.message = "the connection was lost during the commit; it is not known whether the change is saved";
    return std::unexpected(std::move(error));
  }
  begun_ = false;
  // A transaction that has failed answers COMMIT with ROLLBACK.
  if (std::string_view(PQcmdStatus(result->get())) == "COMMIT") return {};
  return mistake("the transaction has failed and cannot be committed");
}

Outcome PostgresqlConnection::rollback() {
  const bool gone = !connected();
  begun_ = false;
  if (gone) return {};
  const auto before = std::exchange(deadline_, now() + cancel_grace * 4);
  auto done = start_call();
  if (done && PQtransactionStatus(link_->handle()) != PQTRANS_IDLE) done = command("ROLLBACK");
  deadline_ = before;
  return done;
}

Outcome PostgresqlConnection::savepoint(bool first) {
  if (auto started = start_call(); !started) return started;
  return command(first ? "SAVEPOINT job" : "RELEASE SAVEPOINT job; SAVEPOINT job");
}

Outcome PostgresqlConnection::rollback_to_savepoint() {
  const auto before = std::exchange(deadline_, now() + cancel_grace * 4);
  auto done = start_call();
  if (done) done = command("ROLLBACK TO SAVEPOINT job");
  deadline_ = before;
  return done;
}

Outcome PostgresqlConnection::notify(std::string_view channel, std::string_view payload) {
  if (!begun_) return mistake("a notification belongs into a transaction");
  if (channel.size() + payload.size() > notification_bytes_max)
    return mistake("the notification is too long");
  const auto told = execute("SELECT pg_notify($1, $2)", {std::string(notification_channel),
                                                         std::string(channel).append("\n").append(payload)});
  if (!told) return std::unexpected(told.error());
  return {};
}

void PostgresqlConnection::interrupt() {
  wake_.wake();
}

bool PostgresqlConnection::transaction_open() const {
  return link_ && PQtransactionStatus(link_->handle()) != PQTRANS_IDLE;
}

bool PostgresqlConnection::transaction_failed() const {
  return !link_ || PQtransactionStatus(link_->handle()) == PQTRANS_INERROR;
}

std::expected<bool, Error> PostgresqlConnection::look() {
  const auto answer = execute("SELECT 1");
  if (!answer) return std::unexpected(answer.error());
  return false;  // the listener hears of changes
}

}  // namespace punctual::storage
