#include "datasource/execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "datasource/postgresql_execution.hpp"
#include "datasource/result_writer.hpp"
#include "datasource/sqlite_execution.hpp"
#include "storage/now.hpp"
#include "storage/value.hpp"

namespace punctual::datasource {

namespace {

// Why it is not even sent; nothing: it is.
std::optional<std::string> objection_to(const Statement& statement) {
  if (statement.text.size() > statement_bytes_max)
    return fmt::format("the statement is {} bytes long: at most {} are taken", statement.text.size(),
                       statement_bytes_max);
  if (!storage::is_storable_text(statement.text)) return "the statement is not UTF-8, or has a NUL in it";
  if (statement.tool != Tool::list_tables && statement.text.find_first_not_of(" \t\r\n") == std::string::npos)
    return "the statement is empty";
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Tool tool) {
  switch (tool) {
    case Tool::list_tables:
      return "list_tables";
    case Tool::describe_table:
      return "describe_table";
    case Tool::query:
      break;
  }
  return "query";
}

std::string_view name_of(End end) {
  switch (end) {
    case End::success:
      return "success";
    case End::refused:
      return "refused";
    case End::timeout:
      return "timeout";
    case End::cancelled:
      return "cancelled";
    case End::failed:
      break;
  }
  return "failed";
}

Ended run(const Source& source, const Statement& statement, deadline::Instant deadline,
          const CancelToken& token, const Sink& sink) {
  Ended ended;
  if (const auto objection = objection_to(statement)) {
    ended.end = End::refused;
    ended.error = *objection;
    return ended;
  }
  const auto own = storage::now() + deadline::from_seconds(source.query_seconds);
  const auto until = std::min(deadline, own);
  ResultWriter writer(source.bounds, sink);
  ended = source.kind == Kind::sqlite ? run_on_sqlite(source, statement, until, token, writer)
                                      : run_on_postgresql(source, statement, until, token, writer);
  // What was computed before a failure is handed over too, unless nobody wants it.
  if (ended.end != End::cancelled && !writer.finish()) {
    ended.end = End::cancelled;
    ended.error = "nobody wanted the rest of the result";
  }
  writer.count(ended);
  if (ended.end == End::timeout && own <= deadline) {
    ended.by_query_seconds = true;
    ended.error =
        fmt::format("the query ran into the data source's limit of {} seconds", source.query_seconds);
  }
  return ended;
}

Examined examine(const Source& source, deadline::Instant deadline, const CancelToken& token) {
  const auto begun = storage::now();
  auto examined = source.kind == Kind::sqlite ? examine_sqlite(source, deadline, token)
                                              : examine_postgresql(source, deadline, token);
  examined.duration = storage::now() - begun;
  return examined;
}

}  // namespace punctual::datasource
