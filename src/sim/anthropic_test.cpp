#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/sse.hpp"
#include "sim/test_client.hpp"

namespace punctual::sim {

namespace {

namespace bj = boost::json;

void messages(TestClient& client, const std::string& options, bool stream) {
  client.post("/v1/messages", R"({"model":"sim:)" + options +
                                  R"(","max_tokens":100,"messages":[],"stream":)" +
                                  (stream ? "true" : "false") + "}");
}

// The names of the events, each of which must match the type in its data.
std::string names(std::string_view body) {
  std::string names;
  std::string joined;
  http::SseEvents events(body);
  for (std::string_view event; events.next(event);) {
    const auto fields = http::sse_fields(event, joined);
    EXPECT_EQ(bj::parse(fields.data).at("type"), bj::string(fields.event));
    names.append(names.empty() ? "" : " ").append(fields.event);
  }
  return names;
}

TEST(SimAnthropic, StreamsItsEvents) {
  TestClient client;
  messages(client, "tokens=2", true);
  const auto answer = client.answer();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(
      names(answer.body),
      "message_start content_block_start ping content_block_delta content_block_delta content_block_stop "
      "message_delta message_stop");
  EXPECT_EQ(times(answer.body, R"("index":0,"delta":{"type":"text_delta","text":" tok2"})"), 1u);
  EXPECT_EQ(times(answer.body, R"("stop_reason":"end_turn")"), 1u);
  EXPECT_EQ(times(answer.body, R"("usage":{"output_tokens":2})"), 1u);
}

TEST(SimAnthropic, NumbersItsBlocks) {
  TestClient client;
  messages(client, "tokens=1,reasoning=1,tool_calls=1,no_done", true);
  const auto answer = client.answer();
  EXPECT_EQ(
      names(answer.body),
      "message_start content_block_start ping content_block_delta content_block_stop content_block_start "
      "content_block_delta content_block_stop content_block_start content_block_delta content_block_stop "
      "message_delta");
  EXPECT_EQ(times(answer.body, R"("index":0,"delta":{"type":"thinking_delta","thinking":"think1"})"), 1u);
  EXPECT_EQ(times(answer.body, R"("index":1,"delta":{"type":"text_delta","text":"tok1"})"), 1u);
  EXPECT_EQ(times(answer.body, R"("index":2,"delta":{"type":"input_json_delta","partial_json":"{\"n\":1}"})"),
            1u);
}

TEST(SimAnthropic, AnswersInOnePiece) {
  TestClient client;
  messages(client, "tokens=2,reasoning=1,tool_calls=1,bytes=700", false);
  const auto answer = client.answer();
  EXPECT_EQ(answer.body.size(), 700u);
  const auto document = bj::parse(answer.body);
  EXPECT_EQ(document.at("content").at(0).at("thinking"), "think1");
  EXPECT_TRUE(document.at("content").at(1).at("text").as_string().starts_with("tok1 tok2xxx"));
  EXPECT_EQ(document.at("content").at(2).at("input").at("n"), 1);
  EXPECT_EQ(document.at("stop_reason"), "tool_use");
  EXPECT_EQ(document.at("usage").at("output_tokens"), 3);
}

TEST(SimAnthropic, FailsInItsShape) {
  TestClient client;
  messages(client, "status=529", false);
  auto answer = client.answer();
  EXPECT_EQ(answer.status, 529);
  EXPECT_EQ(answer.body,
            R"({"type":"error","error":{"type":"overloaded_error","message":"A simulated error."}})");
  messages(client, "wrong", false);
  answer = client.answer();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(bj::parse(answer.body).at("error").at("type"), "invalid_request_error");
  messages(client, "error_after=1", true);
  answer = client.answer();
  EXPECT_EQ(names(answer.body), "message_start content_block_start ping content_block_delta error");
}

TEST(SimAnthropic, PingsWhileSilent) {
  TestClient client;
  messages(client, "ttft_ms=100,empty_deltas_every_ms=30", true);
  client.advance(99);
  EXPECT_EQ(names(client.answer().body), "ping ping ping");
}

}  // namespace

}  // namespace punctual::sim
