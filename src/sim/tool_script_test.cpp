#include "sim/tool_script.hpp"

#include <gtest/gtest.h>

#include "json/splice.hpp"
#include "sim/test_client.hpp"

namespace punctual::sim {
namespace {

Turn turn_of(const std::string& messages, std::uint64_t rounds = 0) {
  json::Reader reader;
  std::string text = messages;
  simdjson::dom::array list;
  EXPECT_FALSE(reader.read(text)->get(list));
  return next_turn(list, rounds);
}

std::string user(const std::string& text) {
  return R"({"role":"user","content":)" + json::quoted(text) + "}";
}
const std::string called = R"({"role":"assistant","content":null,"tool_calls":[{"id":"x"}]})";
std::string told(const std::string& text) {
  return R"({"role":"tool","tool_call_id":"x","content":)" + json::quoted(text) + "}";
}

TEST(ToolScript, CallsWhatIsWrittenRoundAfterRound) {
  const auto asked =
      user("Look:\n```sql\nSELECT 1\n```\n```tool list_tables also\n```\n```sql\nSELECT 2\n```\n");
  const auto first = turn_of("[" + asked + "]");
  ASSERT_EQ(first.calls.size(), 2U);
  EXPECT_EQ(first.calls[0].name, "query");
  EXPECT_EQ(first.calls[0].arguments, R"({"sql":"SELECT 1","reason":"The simulation was told to."})");
  EXPECT_EQ(first.calls[1].name, "list_tables");
  const auto second = turn_of("[" + asked + "," + called + "," + told("a") + "," + told("b") + "]");
  ASSERT_EQ(second.calls.size(), 1U);
  EXPECT_NE(second.calls[0].arguments.find("SELECT 2"), std::string::npos);
  const auto last = turn_of("[" + asked + "," + called + "," + told("a") + "," + called + "," + told("c") +
                            "," + told("d") + "]");
  EXPECT_TRUE(last.calls.empty());
  EXPECT_EQ(last.answer, "c\nd");
}

TEST(ToolScript, RepeatsUntilThereAreSoManyRounds) {
  const auto asked = user("```sql\nSELECT 1\n```");
  std::string messages = asked;
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(turn_of("[" + messages + "]", 5).calls.size(), 1U);
    messages += "," + called + "," + told("x");
  }
  EXPECT_TRUE(turn_of("[" + messages + "]", 5).calls.empty());
  EXPECT_EQ(turn_of("[" + messages + "," + asked + "]", 5).calls.size(), 1U) << "a new question begins anew";
}

TEST(ToolScript, LooksAroundWithoutBlocks) {
  const std::string asked = user("What is in there?");
  EXPECT_EQ(turn_of("[" + asked + "]").calls[0].name, "list_tables");
  const std::string tables = told(R"({"columns":["schema","name"],"rows":[["public","or\"ders"]]})");
  const auto second = turn_of("[" + asked + "," + called + "," + tables + "]");
  EXPECT_EQ(second.calls[0].arguments, R"({"table":"public.or\"ders"})");
  const auto third =
      turn_of("[" + asked + "," + called + "," + tables + "," + called + "," + told("{}") + "]");
  EXPECT_NE(third.calls[0].arguments.find(R"(FROM \"public\".\"or\"\"ders\")"), std::string::npos)
      << third.calls[0].arguments;
  EXPECT_TRUE(turn_of("[" + asked + "," + called + "," + told(R"({"rows":[]})") + "]").calls.empty());
}

TEST(ToolScript, CutsWithinWordsNotWithinCharacters) {
  const std::string text = "{\"sql\":\"SELECT 'Grüße, 世界'\"}";
  std::string joined;
  std::size_t pieces = 0;
  for (const auto piece : cut_arguments(text)) {
    EXPECT_NE(static_cast<unsigned char>(piece.front()) & 0xC0, 0x80);
    joined += piece;
    ++pieces;
  }
  EXPECT_EQ(joined, text);
  EXPECT_GT(pieces, 5U);
}

TEST(ToolScript, IsStreamedAsServersDo) {
  const std::string messages =
      R"(,"messages":[)" + user("```sql\nSELECT 1\n```") + R"(],"stream":true,"tools":[{}]})";
  TestClient client;
  client.post("/v1/chat/completions", R"({"model":"sim:sql,tokens=1")" + messages);
  const auto answer = client.answer();
  EXPECT_EQ(times(answer.body, R"("tool_calls":[{"index":0,"id":"call_1_1")"), 1U);
  EXPECT_GT(times(answer.body, R"("tool_calls":[{"index":0,"function":{"arguments":")"), 5U);
  EXPECT_EQ(times(answer.body, R"("finish_reason":"tool_calls")"), 1U);
  client.post("/v1/chat/completions",
              R"({"model":"sim:sql,tokens=1","messages":[)" + user("```sql\nSELECT 1\n```") + "]}");
  EXPECT_EQ(times(client.answer().body, "tool_calls"), 0U) << "nothing is called that is not offered";
}

}  // namespace
}  // namespace punctual::sim
