#include "probe/results.hpp"

#include "changes/changes.hpp"
#include "probe/words.hpp"
#include "requestlog/times.hpp"
#include "settings/json_table.hpp"

namespace punctual::probe {

namespace bj = boost::json;

std::expected<std::vector<Result>, storage::Error> read_results(storage::Connection& connection,
                                                                deadline::WallTime now) {
  const auto oldest = storage::to_microseconds(now - results_age_max);
  const auto rows = connection.execute(
      "SELECT id, at, url, by_key, peer, document FROM probes WHERE at >= $1 ORDER BY at DESC, id DESC LIMIT "
      "$2",
      {oldest, static_cast<std::int64_t>(results_max)});
  if (!rows) return std::unexpected(rows.error());
  std::vector<Result> results;
  results.reserve(rows->size());
  for (const auto& row : *rows) {
    const auto document = settings::parse_object(row.text(5));
    if (!document) continue;
    // What an earlier version wrote and this one does not read is not worth an error.
    auto report = read_report(*document);
    if (!report) continue;
    results.push_back({row.integer(0), row.integer(1), row.text(3), row.text(4), std::move(*report)});
  }
  return results;
}

namespace {

std::string actor_of(const Result& result) {
  return result.by.empty() ? "address " + result.peer : "api_key:" + result.by;
}

}  // namespace

storage::Outcome keep_result(storage::Store& store, const Result& result, const std::string& request_id,
                             deadline::Instant until) {
  const std::string document = bj::serialize(to_json(result.report));
  constexpr auto age_max = std::chrono::duration_cast<std::chrono::microseconds>(results_age_max).count();
  const auto& url = result.report.url;
  const changes::Change change{.actor = storage::storable_text(actor_of(result)),
                               .action = "probe",
                               .subject = "probe:" + url,
                               .before = {},
                               .after = document,
                               .request_id = request_id};
  return store.write(
      [&](storage::Connection& connection) -> storage::Outcome {
        auto done =
            connection.execute("DELETE FROM probes WHERE url = $1 OR at < $2", {url, result.at - age_max});
        if (!done) return std::unexpected(done.error());
        done = connection.execute(
            "DELETE FROM probes WHERE id NOT IN (SELECT id FROM probes ORDER BY at DESC, id DESC LIMIT $1)",
            {static_cast<std::int64_t>(results_max - 1)});
        if (!done) return std::unexpected(done.error());
        done = connection.execute(
            "INSERT INTO probes (at, url, by_key, peer, document) VALUES ($1, $2, $3, $4, $5)",
            {result.at, url, storage::storable_text(result.by), storage::storable_text(result.peer),
             document});
        if (!done) return std::unexpected(done.error());
        return changes::record(connection, result.at, change);
      },
      until);
}

std::expected<bool, storage::Error> forget_result(storage::Store& store, const Forgetting& forgetting,
                                                  deadline::Instant until) {
  bool found = false;
  const auto done = store.write(
      [&](storage::Connection& connection) -> storage::Outcome {
        const auto rows =
            connection.execute("DELETE FROM probes WHERE id = $1 RETURNING url, document", {forgetting.id});
        if (!rows) return std::unexpected(rows.error());
        found = !rows->empty();
        if (!found) return {};
        return changes::record(connection, forgetting.at,
                               {.actor = forgetting.actor,
                                .action = "delete",
                                .subject = "probe:" + rows->front().text(0),
                                .before = rows->front().text(1),
                                .after = {},
                                .request_id = forgetting.request_id});
      },
      until);
  if (!done) return std::unexpected(done.error());
  return found;
}

bj::object document_of(const Result& result) {
  bj::object document = to_json(result.report);
  auto& observations = document["observations"].as_array();
  for (std::size_t i = 0; i < observations.size(); ++i)
    observations[i].as_object()["text"] = sentence_of(result.report.observations[i]);
  document["id"] = std::to_string(result.id);
  document["at"] = requestlog::rfc3339(result.at);
  document["by"] = result.by;
  document["peer"] = result.peer;
  return document;
}

}  // namespace punctual::probe
