#include "chat/prompt.hpp"

#include <fmt/format.h>

namespace punctual::chat {

namespace {

namespace bj = boost::json;

bj::object text_parameter(std::string_view description) {
  return {{"type", "string"}, {"description", description}};
}

bj::object tool(std::string_view name, std::string_view description, bj::object properties,
                bj::array required) {
  return {{"type", "function"},
          {"function", bj::object{{"name", name},
                                  {"description", description},
                                  {"parameters", bj::object{{"type", "object"},
                                                            {"properties", std::move(properties)},
                                                            {"required", std::move(required)},
                                                            {"additionalProperties", false}}}}}};
}

}  // namespace

const bj::array& tool_definitions() {
  static const bj::array definitions = {
      tool("list_tables", "List the tables and views of the database.", {}, {}),
      tool("describe_table", "Tell the columns of one table or view, with their types.",
           {{"table", text_parameter("The name of the table, as list_tables gives it")}}, {"table"}),
      tool("query", "Run one read-only SQL statement and get its rows.",
           {{"sql", text_parameter("One SELECT (or WITH ... SELECT) statement")},
            {"reason", text_parameter("In one sentence, what the result is needed for; it is recorded")}},
           {"sql", "reason"})};
  return definitions;
}

std::string system_prompt(const SourceFacts& source, const Limits& limits) {
  return fmt::format(
      "You answer questions about the database \"{}\". It is {}: write SQL in its dialect. "
      "Use the tools: list_tables and describe_table to learn what there is, query to read. "
      "The database can only be read; one statement at a time; each one is recorded with your reason for it. "
      "A query is ended after {:g} seconds and gives at most {} rows, {} bytes in all and {} bytes of a "
      "value; what is beyond is left out, and you are told so: aggregate and filter in SQL instead of "
      "reading everything. "
      "You have {} turns in all, the last of them for the answer, and {:g} seconds. "
      "Where a query fails, read the error and correct it. "
      "Answer only from what the queries gave; say so when they do not tell.",
      source.name, source.dialect, deadline::seconds(source.query_limit), source.rows_max, source.bytes_max,
      source.cell_bytes_max, limits.rounds_max, deadline::seconds(limits.request));
}

bj::array with_prompt(std::string prompt, bj::array messages) {
  // Templates of many models take one system message only.
  if (!messages.empty() && messages.front().at("role") == "system") {
    auto& content = messages.front().at("content");
    if (content.is_string()) {
      content = prompt + "\n\n" + std::string(content.get_string());
    } else {
      auto& parts = content.get_array();
      parts.insert(parts.begin(), bj::object{{"type", "text"}, {"text", prompt}});
    }
    return messages;
  }
  messages.insert(messages.begin(), bj::object{{"role", "system"}, {"content", prompt}});
  return messages;
}

}  // namespace punctual::chat
