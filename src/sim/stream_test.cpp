// The options, on streams.
#include <gtest/gtest.h>

#include "http/sse.hpp"
#include "sim/test_client.hpp"

namespace punctual::sim {

namespace {

constexpr std::string_view content = R"("content":"tok)";
constexpr std::string_view later_content = R"("content":" tok)";

std::size_t tokens(std::string_view text) {
  return times(text, content) + times(text, later_content);
}

TEST(SimStream, GivesEveryTokenInAnEventOfItsOwn) {
  TestClient client;
  client.stream("tokens=3");
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/event-stream");
  EXPECT_TRUE(answer.complete);
  const std::string start =
      R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":3600,"model":"sim:tokens=3","choices":[)";
  const auto event = [&](const std::string& delta) { return start + R"({"index":0,"delta":{)" + delta; };
  const std::string open = "},\"finish_reason\":null}]}\n\n";
  EXPECT_EQ(answer.body, event(R"("role":"assistant","content":"")") + open + event(R"("content":"tok1")") +
                             open + event(R"("content":" tok2")") + open + event(R"("content":" tok3")") +
                             open + event("") + "},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
  EXPECT_EQ(client.counters().finished(), 1u);
}

TEST(SimStream, GivesUsageWhenAskedOrTold) {
  const std::string_view usage = R"("choices":[],"usage":{"prompt_tokens":)";
  const std::string_view asked = R"(,"stream_options":{"include_usage":true})";
  TestClient client;
  client.stream("tokens=3");
  EXPECT_EQ(times(client.answer().body, usage), 0u);
  client.stream("tokens=3", asked);
  const auto answer = client.answer();
  EXPECT_EQ(times(answer.body, usage), 1u);
  EXPECT_EQ(times(answer.body, R"("completion_tokens":3,)"), 1u);
  client.stream("tokens=3,usage=0", asked);
  EXPECT_EQ(times(client.answer().body, usage), 0u);
  client.stream("tokens=3,usage=1");
  EXPECT_EQ(times(client.answer().body, usage), 1u);
}

TEST(SimStream, KeepsItsTimes) {
  TestClient client;
  client.stream("tokens=4,ttft_ms=200,itl_ms=20");
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(client.answer().body, "");
  client.advance(199);
  EXPECT_EQ(client.answer().body, "");
  client.advance(2);
  EXPECT_EQ(tokens(client.raw()), 1u);
  client.advance(18);
  EXPECT_EQ(tokens(client.raw()), 1u);
  client.advance(2);
  EXPECT_EQ(tokens(client.raw()), 2u);
  client.advance(40);
  EXPECT_TRUE(client.answer().complete);
}

TEST(SimStream, DelaysItsHead) {
  TestClient client;
  client.stream("tokens=2,headers_ms=1000");
  client.advance(999);
  EXPECT_EQ(client.raw(), "");
  client.advance(2);
  EXPECT_TRUE(client.answer().complete);
}

TEST(SimStream, NeverAnswers) {
  TestClient client;
  client.stream("never,comment_every_ms=10");
  client.advance(5000);
  EXPECT_EQ(client.raw(), "");
  EXPECT_EQ(client.counters().open(), 1u);
  client.hang_up();
  EXPECT_EQ(client.counters().aborted(), 1u);
  EXPECT_EQ(client.simulator().open(), 0u);
}

TEST(SimStream, HangsAfterTokens) {
  for (const std::size_t after : {0u, 1u, 3u}) {
    TestClient client;
    client.stream("tokens=3,itl_ms=5,hang_after=" + std::to_string(after));
    client.advance(5000);
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(tokens(answer.body), after);
    EXPECT_EQ(answer.body.empty(), after == 0);
    EXPECT_EQ(times(answer.body, "stop"), 0u);
    EXPECT_FALSE(client.ended());
    EXPECT_EQ(client.counters().open(), 1u);
  }
}

TEST(SimStream, ResetsAfterTokens) {
  TestClient client;
  client.stream("tokens=9,reset_after=5");
  EXPECT_EQ(tokens(client.raw()), 5u);
  EXPECT_FALSE(client.failed());
  client.advance(6);
  EXPECT_TRUE(client.failed());
  EXPECT_EQ(client.counters().finished(), 1u);
}

TEST(SimStream, ClosesAfterTokensWithoutAnEnd) {
  TestClient client;
  client.stream("tokens=9,close_after=5");
  EXPECT_TRUE(client.ended());
  const auto answer = client.answer();
  EXPECT_EQ(tokens(answer.body), 5u);
  EXPECT_FALSE(answer.complete);
}

TEST(SimStream, SendsGarbage) {
  TestClient client;
  client.stream("tokens=9,garbage_after=5");
  EXPECT_EQ(tokens(client.raw()), 5u);
  EXPECT_TRUE(client.answer().malformed);
  client.connect();
  client.stream("garbage_after=0");
  EXPECT_FALSE(client.raw().empty());
  EXPECT_FALSE(client.raw().starts_with("HTTP"));
  EXPECT_TRUE(client.answer().malformed);
}

TEST(SimStream, FailsInMidStream) {
  TestClient client;
  client.stream("tokens=9,error_after=2");
  const auto answer = client.answer();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(tokens(answer.body), 2u);
  EXPECT_EQ(times(answer.body, R"(data: {"error":{"message":"The simulated model failed.")"), 1u);
  EXPECT_EQ(times(answer.body, "[DONE]"), 0u);
}

TEST(SimStream, MakesNoiseWhileSilent) {
  struct Row {
    std::string option;
    std::string noise;
  };
  for (const auto& [option, noise] :
       {Row{"comment_every_ms", ": ping\n\n"}, Row{"empty_deltas_every_ms", R"("delta":{"content":""},)"},
        Row{"progress_every_ms", R"("prompt_progress":{"total":)"}}) {
    TestClient client;
    client.stream("tokens=9,ttft_ms=1100,itl_ms=300,hang_after=3," + option + "=500");
    client.advance(1098);
    EXPECT_EQ(times(client.answer().body, noise), 2u) << option;
    EXPECT_EQ(tokens(client.raw()), 0u);
    client.advance(610);
    EXPECT_EQ(tokens(client.raw()), 3u);
    EXPECT_EQ(times(client.answer().body, noise), 2u) << option << ": between tokens";
    client.advance(1600);
    EXPECT_EQ(times(client.answer().body, noise), 5u) << option << ": while it hangs";
  }
}

TEST(SimStream, ProgressRises) {
  TestClient client;
  client.stream("ttft_ms=100,progress_every_ms=40");
  client.advance(99);
  EXPECT_EQ(times(client.raw(), R"("processed":1})"), 1u);
  EXPECT_EQ(times(client.raw(), R"("processed":2})"), 1u);
}

TEST(SimStream, DripsBytes) {
  TestClient client;
  client.stream("tokens=1,byte_ms=1000");
  client.advance(500);
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(client.answer().body, "");
  client.advance(4700);
  EXPECT_EQ(client.answer().body, "data:");
}

TEST(SimStream, LeavesOutItsEnd) {
  TestClient client;
  client.stream("tokens=2,no_done");
  const auto no_done = client.answer();
  EXPECT_TRUE(no_done.complete);
  EXPECT_EQ(times(no_done.body, "[DONE]"), 0u);
  EXPECT_EQ(times(no_done.body, "\"stop\""), 1u);
  client.stream("tokens=2,no_end,comment_every_ms=100");
  client.advance(5000);
  const auto no_end = client.answer();
  EXPECT_FALSE(no_end.complete);
  EXPECT_TRUE(no_end.body.ends_with("data: [DONE]\n\n"));
  EXPECT_EQ(client.counters().open(), 1u);
}

TEST(SimStream, GivesReasoningAndToolCalls) {
  TestClient client;
  client.stream("tokens=2,reasoning=3,tool_calls=2,usage=1");
  const auto answer = client.answer();
  EXPECT_EQ(times(answer.body, R"("reasoning_content":"think1")"), 1u);
  EXPECT_EQ(times(answer.body, R"("reasoning_content":" think3")"), 1u);
  EXPECT_LT(answer.body.find("think3"), answer.body.find("tok1"));
  EXPECT_EQ(times(answer.body, R"("role":"assistant")"), 1u);
  EXPECT_EQ(times(answer.body, R"("function":{"name":"tool2","arguments":""}}])"), 1u);
  EXPECT_EQ(times(answer.body, R"([{"index":1,"function":{"arguments":"{\"n\":2}"}}])"), 1u);
  EXPECT_EQ(times(answer.body, R"("finish_reason":"tool_calls")"), 1u);
  EXPECT_EQ(times(answer.body, R"("completion_tokens":5,)"), 1u);
  EXPECT_EQ(times(answer.body, R"({"reasoning_tokens":3})"), 1u);
}

TEST(SimStream, PadsItsEvents) {
  TestClient client;
  client.stream("tokens=3,bytes=600");
  const auto answer = client.answer();
  http::SseEvents events(answer.body);
  std::string_view event;
  std::size_t padded = 0;
  while (events.next(event))
    padded += event.size() == 600 ? 1 : 0;
  EXPECT_EQ(padded, 3u);
}

TEST(SimStream, SplitsTheSameBytesAnew) {
  TestClient client;
  client.stream("tokens=5");
  const auto plain = client.answer();
  client.stream("tokens=5,split");
  const auto split = client.answer();
  EXPECT_TRUE(split.complete);
  EXPECT_GT(split.chunks, 3 * plain.chunks);
  EXPECT_EQ(times(split.body, "\n\n"), times(plain.body, "\n\n"));
  EXPECT_EQ(tokens(split.body), 5u);
}

TEST(SimStream, EndsWhereTheRequestWants) {
  TestClient client;
  for (const char* member : {R"(,"max_tokens":2)", R"(,"max_completion_tokens":2)"}) {
    client.stream("tokens=9", member);
    const auto answer = client.answer();
    EXPECT_EQ(tokens(answer.body), 2u);
    EXPECT_EQ(times(answer.body, R"("finish_reason":"length")"), 1u);
  }
}

TEST(SimStream, WaitsForASlowReader) {
  TestClient client({.capacity_bytes = 2000});
  const auto body = TestClient::chat("tokens=100000", R"(,"stream":true)");
  client.post("/v1/chat/completions", body);
  EXPECT_EQ(client.counters().finished(), 0u);
  const auto answer = client.answer();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(tokens(answer.body), 100000u);
}

TEST(SimStream, StopsForAReaderWhoLeaves) {
  TestClient client({.capacity_bytes = 2000});
  client.stream("tokens=1000000");
  client.hang_up();
  EXPECT_EQ(client.counters().aborted(), 1u);
  EXPECT_EQ(client.simulator().open(), 0u);
}

}  // namespace

}  // namespace punctual::sim
