// The request log: pages, one request, facets, volume, statistics, export, and the requests that run now.
#include <array>

#include "base/text.hpp"
#include "control/answers.hpp"
#include "control/export_answer.hpp"
#include "control/query.hpp"
#include "control/route.hpp"
#include "control/running.hpp"
#include "requestlog/facets.hpp"
#include "requestlog/listing.hpp"
#include "requestlog/volume.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;
using requestlog::ParameterError;

std::expected<std::optional<requestlog::Cursor>, ParameterError> cursor_in(const Query& query,
                                                                           std::string_view name) {
  const auto text = query.value(name);
  if (!text) return std::nullopt;
  if (const auto cursor = requestlog::Cursor::parse(*text)) return cursor;
  return std::unexpected(ParameterError{std::string(name), *text,
                                        std::string(name) + " is no cursor: take it from the page before."});
}

Answer get_requests(Context& context) {
  const auto query = Query::parse(context, {"older_than", "newer_than", "count"});
  if (!query) return problem_of(context, query.error());
  requestlog::PageRequest request;
  request.filter = query->filter();
  const auto older = cursor_in(*query, "older_than");
  if (!older) return problem_of(context, older.error());
  const auto newer = cursor_in(*query, "newer_than");
  if (!newer) return problem_of(context, newer.error());
  const auto count =
      query->number("count", requestlog::page_entries_default, 1, requestlog::page_entries_max);
  if (!count) return problem_of(context, count.error());
  request.older_than = *older;
  request.newer_than = *newer;
  request.entries_max = static_cast<std::size_t>(*count);
  const auto page = requestlog::list(context.reader, request);
  if (!page) return problem_of(context, page.error());
  return json_answer(200, requestlog::to_json(*page));
}

// Digits alone are the id of a row; anything else is what the client knows.
Answer get_request(Context& context) {
  const auto& name = context.arguments[0];
  const auto row = base::parse_unsigned(name);
  auto detail = requestlog::find_by_request_id(context.reader, name);
  if (detail && !*detail && row)
    detail = requestlog::find_by_id(context.reader, static_cast<std::int64_t>(*row));
  if (!detail) return problem_of(context, detail.error());
  if (!*detail) {
    for (const auto& running : context.services.cores.running(context.request.until)) {
      if (running.request_id == name) return json_answer(200, running_document(running));
    }
    return problem_answer(context, {404, "There is no request " + name + " in the log, and none that runs."});
  }
  auto document = requestlog::to_json((*detail)->entry);
  boost::system::error_code error;
  document["record"] = bj::parse((*detail)->document, error);
  document["state"] = "ended";
  if ((*detail)->prompt) document["prompt"] = *(*detail)->prompt;
  if ((*detail)->answer) document["answer"] = *(*detail)->answer;
  return json_answer(200, document);
}

Answer get_facets(Context& context) {
  const auto query = Query::parse(context, {});
  if (!query) return problem_of(context, query.error());
  const auto facets = requestlog::count_facets(context.reader, query->filter(),
                                               context.services.clock.now() + std::chrono::seconds(5));
  if (!facets) return problem_of(context, facets.error());
  return json_answer(200, requestlog::to_json(*facets));
}

Answer get_volume(Context& context) {
  const auto query = Query::parse(context, {"buckets"});
  if (!query) return problem_of(context, query.error());
  const auto buckets = query->number("buckets", 60, 1, requestlog::volume_buckets_max);
  if (!buckets) return problem_of(context, buckets.error());
  const auto volume = requestlog::count_volume(
      context.reader, query->filter(), static_cast<std::size_t>(*buckets), context.services.clock.wall_now());
  if (!volume) return problem_of(context, volume.error());
  return json_answer(200, requestlog::to_json(*volume));
}

Answer get_export(Context& context) {
  const auto query = Query::parse(context, {"format"});
  if (!query) return problem_of(context, query.error());
  const auto format = query->value("format").value_or("csv");
  return export_answer<requestlog::Exporter>(context, "requests", query->filter(), std::string(format));
}

Answer get_running(Context& context) {
  bj::array list;
  for (const auto& running : context.services.cores.running(context.request.until))
    list.push_back(running_document(running));
  return json_answer(200, {{"requests", std::move(list)}});
}

Answer cancel(Context& context) {
  const auto& id = context.arguments[0];
  if (!context.services.cores.cancel(id, context.request.until))
    return problem_answer(context, {404, "No request " + id + " runs now."});
  return json_answer(202, {{"request_id", id}, {"cancelled", true}});
}

constexpr std::array<Route, 7> routes = {{
    {"GET", "/api/requests", Needs::viewer, Lane::queries, get_requests},
    {"GET", "/api/requests/export", Needs::viewer, Lane::queries, get_export},
    {"GET", "/api/requests/facets", Needs::viewer, Lane::queries, get_facets},
    {"GET", "/api/requests/volume", Needs::viewer, Lane::queries, get_volume},
    {"GET", "/api/requests/running", Needs::viewer, Lane::access, get_running},
    {"GET", "/api/requests/{id}", Needs::viewer, Lane::queries, get_request},
    {"POST", "/api/requests/{id}/cancel", Needs::administrator, Lane::access, cancel},
}};

}  // namespace

std::span<const Route> request_routes() {
  return routes;
}

}  // namespace punctual::control
