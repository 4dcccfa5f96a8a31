#include "chat/model_answer.hpp"

#include <gtest/gtest.h>

namespace punctual::chat {
namespace {

class ModelAnswerTest : public testing::Test {
 protected:
  void feed(std::string_view bytes) { answer.feed(bytes, deltas); }
  void chunk(const std::string& delta) { feed("data: {\"choices\":[{\"delta\":" + delta + "}]}\n\n"); }

  json::Reader reader;
  ModelAnswer answer{reader};
  std::vector<ModelAnswer::Delta> deltas;
};

TEST_F(ModelAnswerTest, ReadsWhatIsSplitAnywhere) {
  const std::string stream =
      "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\r\n\r\n: a comment\n\n"
      "data: {\"choices\":[{\"delta\":{\"content\":\"Gr\\u00fc\"}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"content\":\"n\"},\"finish_reason\":\"stop\"}]}\n\n"
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
  for (std::size_t step = 1; step < stream.size(); step += 7) {
    ModelAnswer split(reader);
    std::vector<ModelAnswer::Delta> out;
    for (std::size_t at = 0; at < stream.size(); at += step)
      split.feed(std::string_view(stream).substr(at, step), out);
    EXPECT_EQ(split.text(), "Grün");
    EXPECT_EQ(out.size(), 2U);
    EXPECT_TRUE(split.done());
    EXPECT_EQ(split.finish_reason(), "stop");
    EXPECT_EQ(split.usage()->prompt_tokens, 3U);
  }
}

TEST_F(ModelAnswerTest, AssemblesCallsThatComeInTurns) {
  chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"query","arguments":""}}]})");
  chunk(R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"list_tables","arguments":"{"}}]})");
  chunk(
      R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"sql\""}},{"index":1,"function":{"arguments":"}"}}]})");
  chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]})");
  ASSERT_EQ(answer.calls().size(), 2U);
  EXPECT_EQ(answer.calls()[0].id, "a");
  EXPECT_EQ(answer.calls()[0].name, "query");
  EXPECT_EQ(answer.calls()[0].arguments, R"({"sql":1})");
  EXPECT_EQ(answer.calls()[1].arguments, "{}");
}

TEST_F(ModelAnswerTest, TellsWholeCallsWithOneIndexApartByTheirIds) {
  chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"query","arguments":"{}"}}]})");
  chunk(R"({"tool_calls":[{"index":0,"id":"b","function":{"name":"query","arguments":"{}"}}]})");
  ASSERT_EQ(answer.calls().size(), 2U);
  // The name and the id again with each piece are still one call.
  chunk(R"({"tool_calls":[{"index":0,"id":"b","function":{"name":"query","arguments":" "}}]})");
  ASSERT_EQ(answer.calls().size(), 2U);
  EXPECT_EQ(answer.calls()[1].name, "query");
  EXPECT_EQ(answer.calls()[1].arguments, "{} ");
}

TEST_F(ModelAnswerTest, TellsTheGatewaysErrorFromTheUpstreams) {
  feed("event: error\ndata: {\"type\":\"x\"}\n\n");
  EXPECT_EQ(answer.problem(), R"({"type":"x"})");
  EXPECT_TRUE(answer.ended());
  EXPECT_FALSE(answer.done());
  ModelAnswer other(reader);
  other.feed("data: {\"error\":{\"message\":\"out of memory\"}}\n\n", deltas);
  EXPECT_EQ(other.error(), "out of memory");
  ModelAnswer garbage(reader);
  garbage.feed("data: <html>\n\n", deltas);
  EXPECT_TRUE(garbage.error().starts_with("It sent an event that is not JSON"));
}

TEST_F(ModelAnswerTest, IsBounded) {
  const std::string text(ModelAnswer::bytes_max / 8, 'x');
  for (int i = 0; i < 8; ++i)
    chunk("{\"content\":\"" + text + "\"}");
  EXPECT_FALSE(answer.excessive());
  chunk(R"({"content":"x"})");
  EXPECT_TRUE(answer.excessive());
  ModelAnswer endless(reader);
  const std::string piece(64 * 1024, 'x');
  for (int i = 0; i < 100 && !endless.ended(); ++i)
    endless.feed(piece, deltas);
  EXPECT_TRUE(endless.excessive());
  ModelAnswer many(reader);
  for (std::size_t i = 0; i <= ModelAnswer::calls_max; ++i) {
    many.feed("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":" + std::to_string(i) +
                  ",\"function\":{\"name\":\"query\"}}]}}]}\n\n",
              deltas);
  }
  EXPECT_TRUE(many.excessive());
}

}  // namespace
}  // namespace punctual::chat
