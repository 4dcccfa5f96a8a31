// Live events, statistics, and the state of the gateway itself.
#include <array>

#include "control/answers.hpp"
#include "control/event_stream.hpp"
#include "control/guard.hpp"
#include "control/query.hpp"
#include "control/route.hpp"
#include "requestlog/statistics.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

Answer get_events(Context& context) {
  const auto query = Query::parse(context, {"last_event_id"});
  if (!query) return problem_of(context, query.error());
  std::string last(context.request.header("last-event-id"));
  if (last.empty()) last = query->value("last_event_id").value_or("");
  // The admin token is good for as long as the process; a session may end before its reader leaves.
  EventStream::Allowed allowed = [](storage::Connection&) { return true; };
  if (context.identity.kind == Identity::Kind::user) {
    allowed = [&sessions = context.services.sessions,
               cookie = cookie_in(context.request)](storage::Connection& reader) {
      const auto visitor = sessions.check(reader, cookie);
      return visitor || visitor.error().kind != access::ErrorKind::unauthenticated;
    };
  }
  auto stream = EventStream::open(context.services, query->filter(), last, std::move(allowed));
  if (!stream) return problem_of(context, stream.error());
  Answer answer;
  answer.headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                    {"Cache-Control", "no-store"},
                    {"X-Accel-Buffering", "no"}};
  answer.body = ": connected\n\n";
  answer.stream = std::move(*stream);
  return answer;
}

Answer get_stats(Context& context) {
  const auto query = Query::parse(context, {"buckets"});
  if (!query) return problem_of(context, query.error());
  const auto buckets = query->number("buckets", 60, 1, requestlog::statistics_buckets_max);
  if (!buckets) return problem_of(context, buckets.error());
  requestlog::StatisticsRequest request;
  request.filter = query->filter();
  request.buckets = static_cast<std::size_t>(*buckets);
  request.now = context.services.clock.wall_now();
  request.until = context.services.clock.now() + std::chrono::seconds(10);
  const auto statistics = requestlog::read_statistics(context.reader, request);
  if (!statistics) return problem_of(context, statistics.error());
  return json_answer(200, requestlog::to_json(*statistics));
}

Answer get_state(Context& context) {
  const auto state = context.services.store.state();
  const auto numbers = context.services.recorder.numbers();
  const auto snapshot = context.services.settings.current();
  bj::object lost;
  for (std::size_t i = 0; i < requestlog::loss_count; ++i)
    lost[requestlog::name_of(static_cast<requestlog::Loss>(i))] = numbers.lost[i];
  bj::array left_out;
  for (const auto& text : context.services.settings.left_out())
    left_out.push_back(bj::value(text));
  return json_answer(
      200,
      {{"version", context.services.version},
       {"settings_version", snapshot->stored.version},
       {"left_out", std::move(left_out)},
       {"storage",
        {{"kind", context.services.store.description()},
         {"connected", state.connected},
         {"last_error", state.last_error},
         {"jobs_queued", state.jobs_queued}}},
       {"request_log",
        {{"stored", numbers.stored}, {"queued_bytes", numbers.queued_bytes}, {"lost", std::move(lost)}}}});
}

constexpr std::array<Route, 3> routes = {{
    {"GET", "/api/events", Needs::viewer, Lane::queries, get_events},
    {"GET", "/api/stats", Needs::viewer, Lane::queries, get_stats},
    {"GET", "/api/state", Needs::viewer, Lane::queries, get_state},
}};

}  // namespace

std::span<const Route> live_routes() {
  return routes;
}

}  // namespace punctual::control
