// The data sources of chats: databases that somebody else runs, so what asks them has a lane of its own.
#include <array>
#include <filesystem>

#include "control/answers.hpp"
#include "control/body.hpp"
#include "control/if_match.hpp"
#include "control/route.hpp"
#include "datasource/execution.hpp"
#include "settings/data_sources.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;
using datasource::Kind;
using settings::DataSourceInput;
using settings::Section;

// Until a database must have said who it is and what its role may.
constexpr auto examination_limit = std::chrono::seconds(15);

void read_server(Body& body, datasource::Source& source) {
  source.host = body.text("host").value_or("");
  source.port = static_cast<int>(
      std::clamp<std::int64_t>(body.whole_number("port").value_or(source.port), -1, 1 << 20));
  source.database = body.text("database").value_or("");
  source.user = body.text("user").value_or("");
  const auto tls = body.text("tls");
  if (!tls) return;
  const auto parsed = datasource::parse_tls(*tls);
  if (parsed) {
    source.tls = *parsed;
  } else {
    body.report("tls", "is \"" + *tls + "\": give disable, require or verify-full");
  }
}

// A value of the other kind is let pass, so that a form may send what it has; it is not kept.
settings::Result<DataSourceInput> read_input(const bj::object& object) {
  DataSourceInput input;
  auto& source = input.source;
  Body body(object);
  source.name = body.required_text("name");
  const auto kind = body.required_text("kind");
  const auto parsed = datasource::parse_kind(kind);
  if (parsed) {
    source.kind = *parsed;
  } else if (object.contains("kind")) {
    body.report("kind", "is \"" + kind + "\": give sqlite or postgresql");
  }
  source.file = body.text("file").value_or("");
  read_server(body, source);
  if (const auto* password = object.if_contains("password"); password && password->is_null())
    input.password = "";
  if (auto password = body.text("password")) input.password = std::move(password);
  source.enabled = body.flag("enabled").value_or(true);
  source.query_seconds = body.number("query_seconds").value_or(source.query_seconds);
  source.bounds.rows_max = body.whole_number("rows_max").value_or(source.bounds.rows_max);
  source.bounds.bytes_max = body.whole_number("bytes_max").value_or(source.bounds.bytes_max);
  source.bounds.cell_bytes_max = body.whole_number("cell_bytes_max").value_or(source.bounds.cell_bytes_max);
  body.text("id");
  body.flag("password_set");
  body.finish();
  if (!body.good()) return std::unexpected(body.error());
  if (source.kind == Kind::postgresql) {
    source.file.clear();
  } else {
    const datasource::Source empty;
    source.host = source.database = source.user = "";
    source.port = empty.port;
    source.tls = empty.tls;
  }
  return input;
}

// The gateway's own database has what no chat may read, such as the hashes of passwords.
bool is_our_own(const Context& context, const datasource::Source& source) {
  std::error_code error;
  return source.kind == Kind::sqlite && context.services.store.dialect() == storage::Dialect::sqlite &&
         std::filesystem::equivalent(source.file, context.services.store.description(), error);
}

datasource::Examined examined(const Context& context, const datasource::Source& source) {
  if (is_our_own(context, source)) {
    datasource::Examined own;
    own.problem = "is the gateway's own database: give another file";
    own.field = "file";
    return own;
  }
  const datasource::CancelToken token;
  return datasource::examine(
      source, std::min(context.request.until, context.services.clock.now() + examination_limit), token);
}

// What is wrong with its database, before it is kept. One that is not enabled is asked by nobody.
std::optional<settings::Error> objection(Context& context, const std::string& id,
                                         const DataSourceInput& input) {
  const auto draft = settings::draft_data_source(context.services.settings, id, input);
  if (!draft) return draft.error();
  if (!draft->enabled && !is_our_own(context, *draft)) return std::nullopt;
  const auto result = examined(context, *draft);
  if (result.ok) return std::nullopt;
  return settings::invalid_field(result.field, result.problem);
}

Answer source_answer(const Context& context, int status, const std::string& id) {
  const auto snapshot = context.services.settings.current();
  const auto source = settings::data_source_of_id(*snapshot, id);
  if (!source) return problem_answer(context, {404, "There is no data source of the id " + id + "."});
  return versioned_answer(status, settings::data_source_document(*source),
                          snapshot->stored.version_of(Section::datasources));
}

Answer get_sources(Context& context) {
  const auto snapshot = context.services.settings.current();
  return versioned_answer(200, settings::data_sources_document(*snapshot, context.identity.administrator()),
                          snapshot->stored.version_of(Section::datasources));
}

Answer post_source(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto input = read_input(context.body);
  if (!input) return problem_of(context, input.error());
  if (const auto wrong = objection(context, {}, *input)) return problem_of(context, *wrong);
  const auto id = settings::create_data_source(context.services.settings, context.actor(), *if_match, *input);
  if (!id) return problem_of(context, id.error());
  return source_answer(context, 201, *id);
}

Answer put_source(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto& id = context.arguments[0];
  const auto input = read_input(context.body);
  if (!input) return problem_of(context, input.error());
  if (const auto wrong = objection(context, id, *input)) return problem_of(context, *wrong);
  const auto changed =
      settings::replace_data_source(context.services.settings, context.actor(), *if_match, id, *input);
  if (!changed) return problem_of(context, changed.error());
  return source_answer(context, 200, id);
}

Answer delete_source(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto deleted = settings::delete_data_source(context.services.settings, context.actor(), *if_match,
                                                    context.arguments[0]);
  return deleted ? no_content() : problem_of(context, deleted.error());
}

Answer test_answer(Context& context, const datasource::Source& source) {
  const auto result = examined(context, source);
  return json_answer(200, {{"ok", result.ok},
                           {"milliseconds", milliseconds(result.duration)},
                           {"tables", result.tables},
                           {"server", result.server},
                           {"problem", result.problem}});
}

Answer test_source(Context& context) {
  const auto& id = context.arguments[0];
  const auto source = settings::data_source_of_id(*context.services.settings.current(), id);
  if (!source) return problem_answer(context, {404, "There is no data source of the id " + id + "."});
  return test_answer(context, *source);
}

Answer test_draft(Context& context) {
  const auto input = read_input(context.body);
  if (!input) return problem_of(context, input.error());
  const auto* id = context.body.if_contains("id");
  const auto draft = settings::draft_data_source(
      context.services.settings, id && id->is_string() ? std::string(id->get_string()) : std::string(),
      *input);
  return draft ? test_answer(context, *draft) : problem_of(context, draft.error());
}

constexpr std::array<Route, 6> routes = {{
    {"GET", "/api/datasources", Needs::viewer, Lane::settings, get_sources},
    {"POST", "/api/datasources", Needs::administrator, Lane::databases, post_source},
    {"POST", "/api/datasources/test", Needs::administrator, Lane::databases, test_draft},
    {"PUT", "/api/datasources/{id}", Needs::administrator, Lane::databases, put_source},
    {"DELETE", "/api/datasources/{id}", Needs::administrator, Lane::settings, delete_source},
    {"POST", "/api/datasources/{id}/test", Needs::administrator, Lane::databases, test_source},
}};

}  // namespace

std::span<const Route> datasource_routes() {
  return routes;
}

}  // namespace punctual::control
