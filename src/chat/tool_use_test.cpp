#include "chat/tool_use.hpp"

#include <gtest/gtest.h>

#include "chat/prompt.hpp"

namespace punctual::chat {
namespace {

std::string error_of(const ToolCall& call) {
  const auto request = read_tool_call(call);
  return request ? "none" : request.error();
}

TEST(ToolUse, ReadsTheThreeTools) {
  EXPECT_EQ(read_tool_call({"", "list_tables", ""})->tool, Tool::list_tables);
  EXPECT_EQ(read_tool_call({"", "describe_table", R"({"table":"t"})"})->table, "t");
  const auto query = read_tool_call({"", "query", R"({"sql":"SELECT 1","reason":"to see","more":1})"});
  EXPECT_EQ(query->sql, "SELECT 1");
  EXPECT_EQ(query->reason, "to see");
}

TEST(ToolUse, SaysToTheModelWhatIsWrong) {
  EXPECT_EQ(error_of({"", "delete", "{}"}),
            "There is no tool \"delete\": there are list_tables, describe_table and query.");
  EXPECT_EQ(
      error_of({"", "query", "{\"sql\":"}),
      "The arguments of query are not a JSON object: write them as one, such as {\"sql\": \"SELECT ...\", "
      "\"reason\": \"...\"}.");
  EXPECT_EQ(error_of({"", "query", R"({"sql":"SELECT 1"})"}),
            "The argument \"reason\" is missing: give a text.");
  EXPECT_EQ(error_of({"", "query", R"({"sql":" ","reason":"x"})"}),
            "The argument \"sql\" is no text: give a text.");
  EXPECT_EQ(error_of({"", "describe_table", R"({"table":5})"}),
            "The argument \"table\" is no text: give a text.");
}

TEST(ToolUse, TheResultIsWhatCameInPieces) {
  ToolResult result;
  result.add(R"(["a"])", "[]");
  result.add("", "[[1],[2]]");
  result.add("", "[[3]]");
  EXPECT_EQ(result.text({.outcome = "success", .rows = 3}),
            R"({"columns":["a"],"rows":[[1],[2],[3]],"row_count":3,"truncated":false})");
  // What came before it broke off was seen.
  EXPECT_EQ(result.text({.outcome = "timeout", .error = "Its time was up."}),
            R"({"columns":["a"],"rows":[[1],[2],[3]],"error":"Its time was up."})");
  EXPECT_EQ(ToolResult().text({.outcome = "failed", .error = "no \"t\""}), R"({"error":"no \"t\""})");
}

TEST(Prompt, JoinsASystemMessageThatIsThere) {
  namespace bj = boost::json;
  const auto user = bj::object{{"role", "user"}, {"content", "x"}};
  EXPECT_EQ(with_prompt("P", {user}).size(), 2U);
  const auto joined = with_prompt("P", {bj::object{{"role", "system"}, {"content", "S"}}, user});
  ASSERT_EQ(joined.size(), 2U);
  EXPECT_EQ(joined[0].at("content"), "P\n\nS");
  const auto parts = with_prompt(
      "P",
      {bj::object{{"role", "system"}, {"content", bj::array{bj::object{{"type", "text"}, {"text", "S"}}}}}});
  EXPECT_EQ(parts[0].at("content").at(0).at("text"), "P");
}

TEST(Prompt, TellsDialectAndLimits) {
  const auto prompt = system_prompt({.id = "data_1",
                                     .name = "shop",
                                     .dialect = "PostgreSQL",
                                     .rows_max = 1000,
                                     .bytes_max = 1048576,
                                     .cell_bytes_max = 4096,
                                     .query_limit = std::chrono::seconds(30)},
                                    limits_of(config::Chat(), {}));
  for (const auto* word : {"shop", "PostgreSQL", "1000 rows", "30 seconds", "8 turns", "only be read"})
    EXPECT_NE(prompt.find(word), std::string::npos) << word;
}

}  // namespace
}  // namespace punctual::chat
