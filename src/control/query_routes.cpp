// The records of what chats asked of data sources: pages, one of them, export, and whether their chain is
// whole.
#include <array>

#include "base/text.hpp"
#include "control/answers.hpp"
#include "control/export_answer.hpp"
#include "control/route.hpp"
#include "queryaudit/listing.hpp"
#include "queryaudit/verify.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;
using requestlog::Parameter;
using requestlog::ParameterError;

// What is left is for the answer.
constexpr auto answer_margin = std::chrono::seconds(5);

struct Asked {
  std::vector<Parameter> parameters;
  queryaudit::Filter filter;

  std::optional<std::string> value(std::string_view name) const {
    std::optional<std::string> found;
    for (const auto& parameter : parameters) {
      if (parameter.name == name) found = parameter.value;
    }
    return found;
  }
  std::expected<std::optional<std::int64_t>, ParameterError> number(std::string_view name, std::int64_t most,
                                                                    std::string_view wanted) const {
    const auto text = value(name);
    if (!text) return std::nullopt;
    const auto number = base::parse_unsigned(*text);
    if (number && *number >= 1 && *number <= static_cast<std::uint64_t>(most))
      return static_cast<std::int64_t>(*number);
    return std::unexpected(
        ParameterError{std::string(name), *text,
                       std::string(name) + " is \"" + *text + "\": give " + std::string(wanted) + "."});
  }
};

std::expected<Asked, ParameterError> read_query(const Context& context,
                                                std::span<const std::string_view> own) {
  Asked asked;
  auto parameters = requestlog::parse_query(context.request.query);
  if (!parameters) return std::unexpected(std::move(parameters.error()));
  asked.parameters = std::move(*parameters);
  auto filter = queryaudit::parse_filter(asked.parameters, context.services.clock.wall_now(), own);
  if (!filter) return std::unexpected(std::move(filter.error()));
  asked.filter = std::move(*filter);
  return asked;
}

Answer get_queries(Context& context) {
  static constexpr std::array<std::string_view, 2> own = {"older_than", "count"};
  const auto asked = read_query(context, own);
  if (!asked) return problem_of(context, asked.error());
  const auto older = asked->number("older_than", INT64_MAX, "what `older` of a page was");
  if (!older) return problem_of(context, older.error());
  const auto count = asked->number("count", queryaudit::page_records_max, "a whole number from 1 to 500");
  if (!count) return problem_of(context, count.error());
  const auto page = queryaudit::list(context.reader, asked->filter, *older,
                                     count->value_or(queryaudit::page_records_default));
  if (!page) return problem_of(context, page.error());
  bj::array records;
  records.reserve(page->records.size());
  for (const auto& record : page->records)
    records.push_back(queryaudit::to_json(record));
  bj::object document = {{"queries", std::move(records)}};
  if (page->older) document["older"] = std::to_string(*page->older);
  return json_answer(200, document);
}

Answer get_query(Context& context) {
  const auto& name = context.arguments[0];
  const auto id = base::parse_unsigned(name);
  if (id && *id <= INT64_MAX) {
    const auto record = queryaudit::find(context.reader, static_cast<std::int64_t>(*id));
    if (!record) return problem_of(context, record.error());
    if (*record) return json_answer(200, queryaudit::to_json(**record));
  }
  return problem_answer(context, {404, "There is no query of the id " + name + "."});
}

Answer get_export(Context& context) {
  static constexpr std::array<std::string_view, 1> own = {"format"};
  const auto asked = read_query(context, own);
  if (!asked) return problem_of(context, asked.error());
  const auto format = asked->value("format").value_or("csv");
  return export_answer<queryaudit::Exporter>(context, "queries", asked->filter, std::string(format));
}

Answer verify(Context& context) {
  const auto* chain = context.services.queries.chain();
  if (!chain)
    return problem_answer(context,
                          {503, "The records cannot be checked: " + context.services.queries.problem()});
  const auto until = context.request.until - answer_margin;
  context.reader.set_deadline(until);
  const auto verified = queryaudit::verify(context.reader, chain->hash(), until);
  if (!verified) {
    if (verified.error().kind == storage::ErrorKind::interrupted)
      return problem_answer(context,
                            {503, "There was no time to read all records: run `punctual audit verify`."});
    return problem_of(context, verified.error());
  }
  bj::array problems;
  problems.reserve(verified->problems.size());
  for (const auto& problem : verified->problems)
    problems.push_back(bj::object{{"id", std::to_string(problem.id)}, {"what", problem.what}});
  return json_answer(
      200, {{"ok", verified->ok()}, {"checked", verified->records}, {"problems", std::move(problems)}});
}

constexpr std::array<Route, 4> routes = {{
    {"GET", "/api/queries", Needs::viewer, Lane::queries, get_queries},
    {"GET", "/api/queries/export", Needs::viewer, Lane::queries, get_export},
    {"POST", "/api/queries/verify", Needs::viewer, Lane::databases, verify},
    {"GET", "/api/queries/{id}", Needs::viewer, Lane::queries, get_query},
}};

}  // namespace

std::span<const Route> query_routes() {
  return routes;
}

}  // namespace punctual::control
