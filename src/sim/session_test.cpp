// Connections: reuse, refusals, ends.
#include "sim/session.hpp"

#include <gtest/gtest.h>

#include "sim/test_client.hpp"

namespace punctual::sim {

namespace {

TEST(SimSession, AnswersOneRequestAfterTheOther) {
  TestClient client;
  for (int i = 0; i < 3; ++i) {
    client.ask("tokens=1");
    EXPECT_EQ(client.answer().status, 200);
    client.get("/health");
    EXPECT_EQ(client.answer().body, R"({"status":"ok"})");
  }
  EXPECT_EQ(client.simulator().open(), 1u);
}

TEST(SimSession, AnswersPipelinedRequestsInOrder) {
  TestClient client;
  const auto body = TestClient::chat("tokens=1,ttft_ms=50");
  const auto request =
      "POST /chat/completions HTTP/1.1\r\nHost: sim\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  const std::string get = "GET /v1/models HTTP/1.1\r\nHost: sim\r\n\r\n";
  client.send(request + get + request + get);
  client.advance(45);
  EXPECT_EQ(client.raw(), "");
  client.advance(120);
  EXPECT_EQ(times(client.answer().body, "tok1"), 1u);
  EXPECT_EQ(times(client.answer().body, "sim-stalls"), 1u);
  EXPECT_EQ(times(client.answer().body, "tok1"), 1u);
  EXPECT_EQ(times(client.answer().body, "sim-stalls"), 1u);
  EXPECT_EQ(client.raw(), "");
}

TEST(SimSession, ReadsRequestsThatComeInPieces) {
  TestClient client;
  const auto body = TestClient::chat("tokens=1");
  const auto request =
      "POST /chat/completions HTTP/1.1\r\nHost: sim\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  for (const char byte : request)
    client.send({&byte, 1});
  EXPECT_TRUE(client.answer().complete);
}

TEST(SimSession, SaysContinue) {
  TestClient client;
  const auto body = TestClient::chat("tokens=1");
  client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: sim\r\nExpect: 100-continue\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n");
  EXPECT_EQ(client.raw(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.clear();
  client.send(body);
  EXPECT_TRUE(client.raw().starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(client.answer().complete);
}

TEST(SimSession, RefusesWhatItDoesNotKnow) {
  struct Row {
    std::string path;
    std::string body;
    int status;
    std::string said;
  };
  TestClient client;
  for (const auto& [path, body, status, said] :
       {Row{"/v1/chat/completions", R"({"model":"sim:wait=1"})", 400, R"(unknown option \"wait\")"},
        Row{"/v1/chat/completions", R"({"model":"sim:tokens=x"})", 400, R"("param":"model")"},
        Row{"/v1/chat/completions", R"({"model":1})", 400, "model"},
        Row{"/v1/chat/completions", R"([])", 400, "no"}, Row{"/v1/chat/completions", R"({)", 400, "not JSON"},
        Row{"/v1/nowhere", "{}", 404, "nothing"}, Row{"/v1/models", "{}", 405, "GET"}}) {
    client.post(path, body);
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, status) << body;
    EXPECT_NE(answer.body.find(said), std::string::npos) << answer.body;
  }
  client.get("/chat/completions");
  EXPECT_EQ(client.answer().status, 405);
  client.get("/v1/models/sim-slow");
  EXPECT_EQ(client.answer().status, 200);
  client.get("/v1/models/other");
  EXPECT_EQ(client.answer().status, 404);
  client.send("nonsense\n\n");
  EXPECT_EQ(client.answer().status, 400);
  EXPECT_TRUE(client.ended());
}

TEST(SimSession, ClosesWhenAsked) {
  TestClient client;
  client.post("/v1/chat/completions", TestClient::chat("tokens=1"), "Connection: close\r\n");
  EXPECT_TRUE(client.answer().complete);
  EXPECT_TRUE(client.ended());
}

TEST(SimSession, ServesHttp10) {
  TestClient client;
  const auto body = TestClient::chat("tokens=2", R"(,"stream":true)");
  client.send("POST /v1/chat/completions HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(times(client.raw(), "chunked"), 0u);
  EXPECT_TRUE(client.raw().ends_with("data: [DONE]\n\n"));
}

TEST(SimSession, ClosesAnIdleConnection) {
  TestClient client;
  client.ask("tokens=1,keepalive_ms=100");
  EXPECT_TRUE(client.answer().complete);
  client.advance(98);
  EXPECT_FALSE(client.ended());
  client.ask("tokens=1,keepalive_ms=100");
  EXPECT_TRUE(client.answer().complete);
  client.advance(98);
  EXPECT_FALSE(client.ended());
  client.advance(4);
  EXPECT_TRUE(client.ended());
  client.connect();
  client.ask("tokens=1,keepalive_ms=0");
  EXPECT_TRUE(client.answer().complete);
  EXPECT_TRUE(client.ended());
}

TEST(SimSession, NoticesTheClientLeaving) {
  TestClient client;
  for (const char* options :
       {"ttft_ms=1000", "headers_ms=1000", "itl_ms=1000", "hang_after=0", "never", "byte_ms=100", "no_end",
        "status=500,ttft_ms=9", "hang_after=3,comment_every_ms=7"}) {
    const auto aborted = client.counters().aborted();
    client.connect();
    client.stream(options);
    client.advance(3);
    EXPECT_EQ(client.simulator().open(), 1u) << options;
    client.hang_up();
    EXPECT_EQ(client.counters().aborted(), aborted + 1) << options;
    EXPECT_EQ(client.simulator().open(), 0u) << options;
  }
  client.connect();
  client.get("/stats");
  EXPECT_TRUE(
      client.answer().body.starts_with(R"({"started":9,"finished":0,"aborted":9,"stopped":0,"open":0,)"));
}

TEST(SimSession, ALeaveBetweenRequestsIsNoAbort) {
  TestClient client;
  client.ask("tokens=1");
  client.hang_up();
  EXPECT_EQ(client.counters().finished(), 1u);
  EXPECT_EQ(client.counters().aborted(), 0u);
  client.connect();
  client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: sim\r\nContent-Length: 100\r\n\r\n{");
  client.hang_up();
  EXPECT_EQ(client.counters().started(), 1u);
  EXPECT_EQ(client.simulator().open(), 0u);
}

TEST(SimSession, ShutsDown) {
  TestClient client;
  client.stream("tokens=10,itl_ms=100");
  client.advance(150);
  client.simulator().shut_down();
  client.runtime().ready().run();
  EXPECT_EQ(client.simulator().open(), 0u);
  EXPECT_TRUE(client.failed());
  EXPECT_EQ(client.counters().stopped(), 1u);
  client.connect();
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(client.simulator().open(), 0u);
}

}  // namespace

}  // namespace punctual::sim
