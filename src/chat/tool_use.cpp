#include "chat/tool_use.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/text.hpp"
#include "json/splice.hpp"

namespace punctual::chat {

namespace {

namespace bj = boost::json;

class Arguments {
 public:
  explicit Arguments(const bj::object& object) : object_(object) {}

  std::string text(std::string_view name) {
    const auto* value = object_.if_contains(name);
    const auto* text = value ? value->if_string() : nullptr;
    if (text && !base::trimmed(*text).empty()) return std::string(*text);
    if (error_.empty())
      error_ = fmt::format("The argument \"{}\" is {}: give a text.", name, value ? "no text" : "missing");
    return {};
  }
  const std::string& error() const { return error_; }

 private:
  const bj::object& object_;
  std::string error_;
};

}  // namespace

std::expected<ToolRequest, std::string> read_tool_call(const ToolCall& call) {
  ToolRequest request;
  if (call.name == "list_tables") {
    request.tool = Tool::list_tables;
  } else if (call.name == "describe_table") {
    request.tool = Tool::describe_table;
  } else if (call.name == "query") {
    request.tool = Tool::query;
  } else {
    return std::unexpected(
        fmt::format("There is no tool \"{}\": there are list_tables, describe_table and query.", call.name));
  }
  boost::system::error_code failed;
  const auto parsed = bj::parse(base::trimmed(call.arguments).empty() ? "{}" : call.arguments, failed);
  if (failed || !parsed.is_object()) {
    return std::unexpected(fmt::format(
        "The arguments of {} are not a JSON object: write them as one, such as {}.", call.name,
        request.tool == Tool::query ? R"({"sql": "SELECT ...", "reason": "..."})" : R"({"table": "..."})"));
  }
  Arguments arguments(parsed.get_object());
  if (request.tool == Tool::describe_table) request.table = arguments.text("table");
  if (request.tool == Tool::query) {
    request.sql = arguments.text("sql");
    request.reason = arguments.text("reason");
  }
  if (!arguments.error().empty()) return std::unexpected(arguments.error());
  return request;
}

void ToolResult::add(const std::string& columns, const std::string& rows) {
  if (!columns.empty()) columns_ = columns;
  if (rows.size() <= 2) return;
  if (!rows_.empty()) rows_ += ',';
  rows_.append(rows, 1, rows.size() - 2);
}

std::string ToolResult::text(const ToolEnd& end) const {
  std::string text = "{";
  if (!columns_.empty()) text += fmt::format(R"("columns":{},"rows":[{}],)", columns_, rows_);
  if (!end.error.empty()) return text + fmt::format(R"("error":{}}})", json::quoted(end.error));
  text += fmt::format(R"("row_count":{},"truncated":{})", end.rows, end.truncated);
  if (end.truncated) {
    text +=
        R"(,"note":"This is not all: the limits of the data source cut it off. Aggregate or filter in SQL.")";
  }
  return text + "}";
}

std::string tool_error(std::string_view sentence) {
  return fmt::format(R"({{"error":{}}})", json::quoted(sentence));
}

}  // namespace punctual::chat
