// Probes: below /v1, for whoever may send requests and stands where clients stand; what they found, for those
// who look after the gateway.
#include <array>

#include "base/text.hpp"
#include "chain/chain.hpp"
#include "control/answers.hpp"
#include "control/route.hpp"
#include "probe/results.hpp"
#include "probe/stall_answer.hpp"
#include "probe/walls.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

// What a probe hears where the gateway's own streams have none.
constexpr deadline::Duration usual_heartbeat = std::chrono::seconds(15);
// Of a stall that the gateway saw end; the answer's way takes time.
constexpr deadline::Duration way_max = std::chrono::seconds(60);

deadline::Instant write_deadline(const Context& context) {
  return std::min(context.request.until, context.services.clock.now() + Context::write_limit);
}

std::string owner_of(const Context& context) {
  const auto& request = context.request;
  return request.key_id.empty() ? "peer:" + std::string(context.peer()) : "key:" + request.key_id;
}

Answer get_about(Context& context) {
  const auto& timeouts = context.services.settings.current()->configuration->timeouts;
  bj::object document = {{"probe", 1},
                         {"version", context.services.version},
                         {"seconds_max", deadline::seconds(probe::stall_max)}};
  const auto& heartbeat = timeouts.heartbeat.duration;
  document["heartbeat_seconds"] = heartbeat ? bj::value(deadline::seconds(*heartbeat)) : bj::value(nullptr);
  document["total_seconds"] =
      timeouts.chat.duration ? bj::value(deadline::seconds(*timeouts.chat.duration)) : bj::value(nullptr);
  return json_answer(200, document);
}

Answer post_stall(Context& context) {
  auto request = probe::read_stall_request(context.body);
  if (!request) return problem_of(context, request.error());
  auto place = context.services.probes.begin(*request, owner_of(context));
  if (!place) {
    const bool own = place.error() == probe::Book::Refusal::owner_has_enough;
    return problem_answer(
        context, {own ? 429 : 503,
                  own ? "This key, or address, has as many probes open as one may have (" +
                            std::to_string(probe::Book::open_of_owner_max) + "): wait until they have ended."
                      : "As many probes as there may be at once (" + std::to_string(probe::Book::open_max) +
                            ") are going on: try again later.",
                  {},
                  std::chrono::seconds(30)});
  }
  const auto& heartbeat = context.services.settings.current()->configuration->timeouts.heartbeat.duration;
  Answer answer;
  answer.headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                    {"Cache-Control", "no-cache"},
                    {"X-Accel-Buffering", "no"}};
  answer.live =
      std::make_shared<probe::StallAnswer>(std::move(*place), *request, heartbeat.value_or(usual_heartbeat));
  return answer;
}

Answer unknown_run(const Context& context) {
  return problem_answer(
      context,
      {404, "This gateway knows nothing of a probe \"" + context.arguments[0] +
                "\" of this key, or address: another one may have answered it, or it was long ago."});
}

Answer get_run(Context& context) {
  const auto seen = context.services.probes.of_run(context.arguments[0], owner_of(context));
  if (seen.empty()) return unknown_run(context);
  bj::array stalls;
  stalls.reserve(seen.size());
  for (const auto& stall : seen) {
    stalls.push_back(bj::object{{"kind", probe::name_of(stall.kind)},
                                {"seconds", deadline::seconds(stall.asked)},
                                {"state", probe::name_of(stall.state)},
                                {"lasted_seconds", deadline::seconds(stall.lasted)}});
  }
  return json_answer(200, bj::object{{"stalls", std::move(stalls)}});
}

// Nobody can tell of what the gateway has not seen.
std::optional<std::string> contradiction(const probe::Report& report,
                                         const std::vector<probe::SeenStall>& seen) {
  for (const auto& observation : report.observations) {
    const auto stall = std::ranges::find(seen, observation.kind, &probe::SeenStall::kind);
    const std::string kind(probe::name_of(observation.kind));
    if (stall == seen.end()) return kind + " was not asked for in this run";
    if (stall->state == probe::StallState::open) return kind + " goes on";
    if (!observation.cut() && stall->state != probe::StallState::whole)
      return kind + " is told to be whole, and was not sent whole";
    if (observation.asked != stall->asked || observation.lasted > stall->asked + way_max)
      return kind + " was asked for another time";
  }
  return std::nullopt;
}

bool is_in_front(const chain::Finding& finding) {
  return finding.layer.empty() || finding.layer.starts_with("front:") || finding.layer.starts_with("probed:");
}

// What this way does to chats, of which answers in one piece and streams are told apart.
bj::array findings_of(const config::Configuration& configuration, const probe::Result& result) {
  bj::array findings;
  const chain::Observed observed{.hang_ups = {}, .sent = {}, .walls = probe::walls_of(result), .trouble = {}};
  for (const bool stream : {true, false}) {
    const auto chain = chain::chain_of(configuration, {.stream = stream}, observed);
    for (const auto& finding : chain.findings) {
      if (!is_in_front(finding)) continue;
      findings.push_back(bj::object{{"severity", chain::name_of(finding.severity)},
                                    {"layer", finding.layer},
                                    {"text", finding.text},
                                    {"suggestion", finding.suggestion},
                                    {"stream", stream}});
    }
  }
  return findings;
}

Answer post_report(Context& context) {
  auto report = probe::read_report(context.body);
  if (!report) return problem_of(context, report.error());
  const auto seen = context.services.probes.of_run(context.arguments[0], owner_of(context));
  if (seen.empty()) return unknown_run(context);
  if (const auto wrong = contradiction(*report, seen))
    return problem_of(context, settings::invalid_field("observations", "contradict the gateway: " + *wrong));
  probe::Result result;
  result.at = storage::to_microseconds(context.services.clock.wall_now());
  result.by = context.request.key_name;
  result.peer = context.peer();
  result.report = std::move(*report);
  const auto kept =
      probe::keep_result(context.services.store, result, context.request.request_id, write_deadline(context));
  if (!kept) return problem_of(context, kept.error());
  const auto snapshot = context.services.settings.current();
  return json_answer(200, bj::object{{"findings", findings_of(*snapshot->configuration, result)}});
}

Answer get_results(Context& context) {
  const auto results = probe::read_results(context.reader, context.services.clock.wall_now());
  if (!results) return problem_of(context, results.error());
  bj::array documents;
  documents.reserve(results->size());
  for (const auto& result : *results)
    documents.push_back(probe::document_of(result));
  return json_answer(200, bj::object{{"probes", std::move(documents)}});
}

Answer delete_result(Context& context) {
  const auto& name = context.arguments[0];
  const auto id = base::parse_unsigned(name);
  if (id && *id <= INT64_MAX) {
    const auto found =
        probe::forget_result(context.services.store,
                             {.id = static_cast<std::int64_t>(*id),
                              .at = storage::to_microseconds(context.services.clock.wall_now()),
                              .actor = context.identity.actor(),
                              .request_id = context.request.request_id},
                             write_deadline(context));
    if (!found) return problem_of(context, found.error());
    if (*found) return no_content();
  }
  return problem_answer(context, {404, "There is no probe of the id " + name + "."});
}

constexpr std::array<Route, 6> routes = {{
    {"GET", "/v1/probes", Needs::api_key, Lane::probes, get_about},
    {"POST", "/v1/probes", Needs::api_key, Lane::probes, post_stall},
    {"GET", "/v1/probes/{run}", Needs::api_key, Lane::probes, get_run},
    {"POST", "/v1/probes/{run}", Needs::api_key, Lane::probes, post_report},
    {"GET", "/api/probes", Needs::viewer, Lane::queries, get_results},
    {"DELETE", "/api/probes/{id}", Needs::administrator, Lane::settings, delete_result},
}};

}  // namespace

std::span<const Route> probe_routes() {
  return routes;
}

}  // namespace punctual::control
