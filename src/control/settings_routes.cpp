// Timeouts, the pool, the request log's settings, and what was changed.
#include <fmt/format.h>

#include <array>

#include "base/text.hpp"
#include "changes/changes.hpp"
#include "control/answers.hpp"
#include "control/body.hpp"
#include "control/if_match.hpp"
#include "control/route.hpp"
#include "settings/sections.hpp"
#include "settings/timeouts.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;
using settings::Section;

Answer timeouts_answer(const settings::Snapshot& snapshot) {
  auto document = settings::timeouts_document(snapshot);
  const auto version = snapshot.stored.version_of(Section::timeouts);
  document["version"] = version;
  return versioned_answer(200, document, version);
}

Answer get_timeouts(Context& context) {
  return timeouts_answer(*context.services.settings.current());
}

Answer put_timeouts(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  context.body.erase("version");  // what was read may be sent back
  const auto changed =
      settings::change_timeouts(context.services.settings, context.actor(), *if_match, context.body);
  if (!changed) return problem_of(context, changed.error());
  return timeouts_answer(**changed);
}

Answer get_effective(Context& context) {
  const auto snapshot = context.services.settings.current();
  return versioned_answer(200, settings::effective_timeouts_document(*snapshot),
                          snapshot->stored.version_of(Section::timeouts));
}

Answer section_answer(const bj::object& document, const settings::Snapshot& snapshot, Section section) {
  return versioned_answer(200, document, snapshot.stored.version_of(section));
}

Answer get_pool(Context& context) {
  const auto snapshot = context.services.settings.current();
  return section_answer(settings::pool_document(*snapshot), *snapshot, Section::pool);
}

Answer put_pool(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  context.body.erase("version");
  const auto changed =
      settings::change_pool(context.services.settings, context.actor(), *if_match, context.body);
  if (!changed) return problem_of(context, changed.error());
  return section_answer(settings::pool_document(**changed), **changed, Section::pool);
}

Answer get_logs(Context& context) {
  const auto snapshot = context.services.settings.current();
  return section_answer(settings::logs_document(*snapshot), *snapshot, Section::logs);
}

Answer put_logs(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  context.body.erase("version");
  const auto changed =
      settings::change_logs(context.services.settings, context.actor(), *if_match, context.body);
  if (!changed) return problem_of(context, changed.error());
  return section_answer(settings::logs_document(**changed), **changed, Section::logs);
}

// JSON where it is JSON, text otherwise.
bj::value change_value(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  boost::system::error_code error;
  auto value = bj::parse(*text, error);
  return error ? bj::value(*text) : value;
}

Answer get_changes(Context& context) {
  changes::Filter filter;
  const auto parameters = requestlog::parse_query(context.request.query);
  if (!parameters) return problem_of(context, parameters.error());
  for (const auto& [name, value] : *parameters) {
    const auto number = base::parse_unsigned(value);
    if (name == "subject") {
      filter.subject_prefix = value;
    } else if (name == "actor") {
      filter.actor = value;
    } else if (name == "before" && number) {
      filter.before_id = static_cast<std::int64_t>(*number);
    } else if (name == "count" && number && *number >= 1 && *number <= 500) {
      filter.rows_max = static_cast<std::int64_t>(*number);
    } else {
      return problem_of(context, requestlog::ParameterError{
                                     name, value,
                                     fmt::format("{}={} is not understood: there are subject, actor, before "
                                                 "(an id) and count (1 to 500).",
                                                 name, value)});
    }
  }
  const auto rows = changes::list(context.reader, filter);
  if (!rows) return problem_of(context, rows.error());
  bj::array list;
  for (const auto& row : *rows) {
    list.push_back(bj::object{{"id", row.id},
                              {"at", time_text(row.at_microseconds)},
                              {"actor", row.change.actor},
                              {"action", row.change.action},
                              {"subject", row.change.subject},
                              {"before", change_value(row.change.before)},
                              {"after", change_value(row.change.after)},
                              {"request_id", row.change.request_id}});
  }
  bj::object document = {{"changes", std::move(list)}, {"next", nullptr}};
  if (static_cast<std::int64_t>(rows->size()) == filter.rows_max) document["next"] = rows->back().id;
  return json_answer(200, document);
}

constexpr std::array<Route, 8> routes = {{
    {"GET", "/api/settings/timeouts", Needs::viewer, Lane::settings, get_timeouts},
    {"PUT", "/api/settings/timeouts", Needs::administrator, Lane::settings, put_timeouts},
    {"GET", "/api/settings/timeouts/effective", Needs::viewer, Lane::settings, get_effective},
    {"GET", "/api/settings/pool", Needs::viewer, Lane::settings, get_pool},
    {"PUT", "/api/settings/pool", Needs::administrator, Lane::settings, put_pool},
    {"GET", "/api/settings/logs", Needs::viewer, Lane::settings, get_logs},
    {"PUT", "/api/settings/logs", Needs::administrator, Lane::settings, put_logs},
    {"GET", "/api/changes", Needs::viewer, Lane::queries, get_changes},
}};

}  // namespace

std::span<const Route> settings_routes() {
  return routes;
}

}  // namespace punctual::control
