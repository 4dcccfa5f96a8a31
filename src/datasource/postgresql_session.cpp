#include "datasource/postgresql_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "storage/now.hpp"

namespace punctual::datasource {

namespace {

using Waited = storage::PostgresqlLink::Waited;

constexpr int decimal = 0;

// A file that is not there: no client certificate, password or service of the gateway's user is sent.
constexpr std::string_view nowhere = "/dev/null/none";
constexpr std::array<std::string_view, 3> authorities = {
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

std::string system_authorities() {
  std::error_code error;
  for (const auto file : authorities) {
    if (std::filesystem::exists(file, error)) return std::string(file);
  }
  return std::string(authorities.front());
}

storage::PostgresqlTarget target_of(const Source& source) {
  const bool verified = source.tls == Tls::verify_full;
  return storage::PostgresqlTarget::of(
      {{"host", source.host},
       {"port", std::to_string(source.port)},
       {"dbname", source.database},
       {"user", source.user},
       {"password", std::string(source.password ? source.password->reveal() : "")},
       {"passfile", std::string(nowhere)},
       {"sslmode", std::string(name_of(source.tls))},
       {"sslrootcert", verified ? system_authorities() : std::string(nowhere)},
       {"sslcert", std::string(nowhere)},
       {"sslkey", std::string(nowhere)},
       {"gssencmode", "disable"},
       {"application_name", "punctual chat"}});
}

Ended ended(End end, std::string error) {
  Ended result;
  result.end = end;
  result.error = std::move(error);
  return result;
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

// 25006: read-only transaction; 42501: no right; 0A000: not there, for statements that write in a WITH.
End end_of(std::string_view state) {
  return state == "25006" || state == "42501" ? End::refused : End::failed;
}

}  // namespace

std::expected<std::unique_ptr<PostgresqlSession>, Ended> PostgresqlSession::open(const Source& source,
                                                                                 deadline::Instant until,
                                                                                 const CancelToken& token) {
  if (!source.password_problem.empty()) return std::unexpected(ended(End::failed, source.password_problem));
  std::unique_ptr<PostgresqlSession> session(new PostgresqlSession(target_of(source), until, token));
  const auto limit = std::min(until, storage::now() + connect_limit);
  auto link = storage::PostgresqlLink::open(session->target_, limit, &token.event());
  if (!link) {
    if (token.cancelled()) return std::unexpected(ended(End::cancelled, "the query was cancelled"));
    const bool late = storage::now() >= until;
    return std::unexpected(ended(late ? End::timeout : End::failed, link.error().message));
  }
  session->link_ = std::move(*link);
  return session;
}

Ended PostgresqlSession::lost(std::string_view why) const {
  const auto text = target_.masked(why);
  return ended(End::failed, "the connection to the database is lost" + (text.empty() ? "" : ": " + text));
}

// By a connection of its own, which is encrypted as the first is; unlike PQcancel it has a deadline too.
Ended PostgresqlSession::give_up(Waited why) {
  const auto limit = storage::now() + cancel_grace;
  const int process = PQbackendPID(link_->handle());
  if (why != Waited::lost) {
    if (auto second = storage::PostgresqlLink::open(target_, limit, nullptr)) {
      const std::string sql = fmt::format("SELECT pg_cancel_backend({})", process);
      const auto sent = (*second)->run(sql.c_str(), limit, nullptr, target_);
      // The answer says that the statement has ended in the server. Without it the end of the connection
      // does.
      if (sent) link_->wait_result(limit, nullptr);
    }
  }
  const std::string message = link_->message();
  link_.reset();
  switch (why) {
    case Waited::woken:
      return ended(End::cancelled, "the query was cancelled");
    case Waited::timed_out:
      return ended(End::timeout, "the query took longer than it was given");
    default:
      return lost(message);
  }
}

std::expected<storage::PostgresqlResult, Ended> PostgresqlSession::next_result() {
  if (!link_) return std::unexpected(lost(""));
  if (token_.cancelled()) return std::unexpected(give_up(Waited::woken));
  const auto waited = link_->wait_result(until_, &token_.event());
  if (waited != Waited::ready) return std::unexpected(give_up(waited));
  return storage::PostgresqlResult(PQgetResult(link_->handle()));
}

PostgresqlSession::Refusal PostgresqlSession::refusal_of(const PGresult* result) const {
  Refusal refusal;
  refusal.state = field(result, PG_DIAG_SQLSTATE);
  refusal.has_position = !field(result, PG_DIAG_STATEMENT_POSITION).empty();
  std::string text = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (text.empty()) text = PQresultErrorMessage(result);
  if (const auto hint = field(result, PG_DIAG_MESSAGE_HINT); !hint.empty()) text += " (" + hint + ")";
  refusal.ended = ended(end_of(refusal.state), target_.masked(text));
  if (refusal.state != "57014") return refusal;
  // statement_timeout, or somebody with rights in the server.
  if (token_.cancelled()) refusal.ended = ended(End::cancelled, "the query was cancelled");
  if (storage::now() + cancel_grace >= until_)
    refusal.ended = ended(End::timeout, "the query took longer than it was given");
  return refusal;
}

std::optional<PostgresqlSession::Refusal> PostgresqlSession::all_results(const TakeRow& take) {
  std::optional<Refusal> refusal;
  for (;;) {
    const auto result = next_result();
    if (!result) return refusal ? *refusal : Refusal{result.error(), {}, false};
    if (!*result) return refusal;
    const auto status = PQresultStatus(result->get());
    const bool rows = status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK;
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      if (!refusal) refusal = refusal_of(result->get());
    } else if (rows && take && !take(result->get())) {
      link_.reset();  // the server notices at the next row
      return refusal;
    }
  }
}

std::optional<Ended> PostgresqlSession::command(const std::string& sql) {
  if (!link_ || PQsendQuery(link_->handle(), sql.c_str()) == 0) return lost(link_ ? link_->message() : "");
  const auto refusal = all_results({});
  return refusal ? std::optional(refusal->ended) : std::nullopt;
}

std::optional<PostgresqlSession::Refusal> PostgresqlSession::statement(
    const std::string& sql, const std::vector<std::string>& parameters, const TakeRow& take) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters)
    values.push_back(parameter.c_str());
  const bool sent = link_ && PQsendQueryParams(link_->handle(), sql.c_str(), static_cast<int>(values.size()),
                                               nullptr, values.data(), nullptr, nullptr, decimal) != 0;
  if (!sent) return Refusal{lost(link_ ? link_->message() : ""), {}, false};
  PQsetSingleRowMode(link_->handle());
  return all_results(take);
}

std::expected<std::vector<PostgresqlSession::Column>, PostgresqlSession::Refusal>
PostgresqlSession::columns_of(const std::string& sql) {
  const bool sent = link_ && PQsendPrepare(link_->handle(), "asked", sql.c_str(), 0, nullptr) != 0;
  if (!sent) return std::unexpected(Refusal{lost(link_ ? link_->message() : ""), {}, false});
  if (auto refusal = all_results({})) return std::unexpected(std::move(*refusal));
  if (PQsendDescribePrepared(link_->handle(), "asked") == 0)
    return std::unexpected(Refusal{lost(link_->message()), {}, false});
  std::vector<Column> columns;
  for (;;) {
    const auto result = next_result();
    if (!result) return std::unexpected(Refusal{result.error(), {}, false});
    if (!*result) return columns;
    if (PQresultStatus(result->get()) == PGRES_FATAL_ERROR) return std::unexpected(refusal_of(result->get()));
    for (int column = 0; column < PQnfields(result->get()); ++column)
      columns.push_back({PQfname(result->get(), column), PQftype(result->get(), column)});
  }
}

}  // namespace punctual::datasource
