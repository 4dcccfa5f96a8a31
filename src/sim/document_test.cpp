// The options, on answers in one piece, and the other routes' answers.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "sim/test_client.hpp"

namespace punctual::sim {

namespace {

namespace bj = boost::json;

std::string content_of(const Answer& answer) {
  const auto document = bj::parse(answer.body);
  return std::string(document.at("choices").at(0).at("message").at("content").as_string());
}

TEST(SimDocument, HasTextAndUsage) {
  TestClient client;
  client.ask("tokens=3,reasoning=2,tool_calls=1");
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.chunked);
  EXPECT_EQ(content_of(answer), "tok1 tok2 tok3");
  const auto document = bj::parse(answer.body);
  EXPECT_EQ(document.at("object"), "chat.completion");
  const auto& choice = document.at("choices").at(0);
  EXPECT_EQ(choice.at("finish_reason"), "tool_calls");
  EXPECT_EQ(choice.at("message").at("reasoning_content"), "think1 think2");
  EXPECT_EQ(choice.at("message").at("tool_calls").at(0).at("function").at("arguments"), R"({"n":1})");
  EXPECT_EQ(document.at("usage").at("completion_tokens"), 5);
  client.ask("tokens=9,usage=0", R"(,"max_tokens":1)");
  const auto capped = client.answer();
  EXPECT_EQ(content_of(capped), "tok1");
  EXPECT_EQ(bj::parse(capped.body).at("choices").at(0).at("finish_reason"), "length");
  EXPECT_FALSE(bj::parse(capped.body).as_object().contains("usage"));
}

TEST(SimDocument, HasExactlyTheBytes) {
  TestClient client;
  for (const std::size_t bytes : {400u, 600u, 100000u}) {
    client.ask("tokens=2,length,bytes=" + std::to_string(bytes));
    const auto answer = client.answer();
    EXPECT_EQ(answer.body.size(), bytes);
    EXPECT_FALSE(answer.chunked);
    EXPECT_TRUE(content_of(answer).starts_with("tok1 tok2xx"));
  }
}

TEST(SimDocument, TakesItsTime) {
  TestClient client;
  client.ask("tokens=4,ttft_ms=200,itl_ms=20");
  client.advance(279);
  EXPECT_EQ(client.raw(), "");
  client.advance(2);
  EXPECT_TRUE(client.answer().complete);
  client.ask("tokens=4,ttft_ms=200,headers_ms=50");
  client.advance(51);
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(client.answer().body, "");
  client.advance(150);
  EXPECT_TRUE(client.answer().complete);
}

TEST(SimDocument, IsPrecededByWhiteSpace) {
  TestClient client;
  client.ask("tokens=1,ttft_ms=950,comment_every_ms=100");
  client.advance(952);
  const auto answer = client.answer();
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body.starts_with("         {"));
  EXPECT_EQ(content_of(answer), "tok1");
}

TEST(SimDocument, AnswersErrors) {
  TestClient client;
  client.ask("status=503");
  auto answer = client.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.retry_after, "1");
  EXPECT_EQ(answer.body, R"({"error":{"message":"A simulated error.","type":"server_error","param":null,)"
                         R"("code":"simulated"}})");
  client.stream("status=429,headers_ms=20");
  EXPECT_EQ(client.raw(), "");
  client.advance(22);
  answer = client.answer();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.retry_after, "1");
  client.ask("tokens=5,itl_ms=10,error_after=2");
  client.advance(22);
  answer = client.answer();
  EXPECT_EQ(answer.status, 500);
  EXPECT_TRUE(answer.complete);
}

TEST(SimDocument, HangsBreaksAndCloses) {
  TestClient client;
  for (const std::string option : {"hang_after", "close_after", "reset_after", "garbage_after"}) {
    client.connect();
    client.ask("tokens=5," + option + "=2");
    auto answer = client.answer();
    EXPECT_EQ(answer.status, 200) << option;
    EXPECT_TRUE(answer.body.find("tok1 tok2") != std::string::npos) << option;
    EXPECT_EQ(answer.body.find("tok3"), std::string::npos) << option;
    EXPECT_FALSE(answer.complete);
    EXPECT_EQ(answer.malformed, option == "garbage_after");
    client.advance(50);
    EXPECT_EQ(client.ended(), option == "close_after" || option == "garbage_after") << option;
    EXPECT_EQ(client.failed(), option == "reset_after") << option;
  }
  client.connect();
  client.ask("hang_after=0");
  client.advance(1000);
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(client.answer().body, "");
  client.connect();
  client.ask("no_end");
  client.advance(1000);
  EXPECT_FALSE(client.answer().complete);
  EXPECT_TRUE(client.answer().body.ends_with("}"));
}

TEST(SimDocument, DripsAndSplits) {
  TestClient client;
  client.ask("tokens=1,byte_ms=10,length");
  client.advance(105);
  EXPECT_EQ(client.answer().body, R"({"id":"cha)");
  client.connect();
  client.ask("tokens=20,split");
  const auto answer = client.answer();
  EXPECT_TRUE(answer.complete);
  EXPECT_GT(answer.chunks, 5u);
  EXPECT_TRUE(content_of(answer).ends_with("tok20"));
}

TEST(SimDocument, EchoesWhatTravelled) {
  TestClient client;
  const auto body = TestClient::chat("echo", R"(,"x":"\u00e4 \" z",  "stream":false)");
  client.post("/v1/chat/completions?a=b", body,
              "Authorization: Bearer secret\r\nX-Api-Key: secret\r\nX-Two: 1\r\nx-two: 2\r\n");
  const auto answer = client.answer();
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  const auto echo = bj::parse(content_of(answer));
  EXPECT_EQ(echo.at("method"), "POST");
  EXPECT_EQ(echo.at("target"), "/v1/chat/completions?a=b");
  EXPECT_EQ(echo.at("headers").at("authorization"), "Bearer");
  EXPECT_EQ(echo.at("headers").at("x-api-key"), "");
  EXPECT_EQ(echo.at("headers").at("x-two"), "1, 2");
  EXPECT_EQ(echo.at("body"), bj::string(body));
  client.stream("echo");
  EXPECT_NE(client.answer().body.find(R"(\"stream\\\":true)"), std::string::npos);
}

TEST(SimDocument, CompletesText) {
  TestClient client;
  client.post("/v1/completions", R"({"model":"tokens=2","prompt":"x"})");
  const auto document = bj::parse(client.answer().body);
  EXPECT_EQ(document.at("object"), "text_completion");
  EXPECT_EQ(document.at("choices").at(0).at("text"), "tok1 tok2");
  client.post("/completions", R"({"model":"tokens=2","prompt":"x","stream":true})");
  const auto answer = client.answer();
  EXPECT_EQ(times(answer.body, R"("text":" tok2","logprobs":null,"finish_reason":null)"), 1u);
  EXPECT_EQ(times(answer.body, R"("text":"","logprobs":null,"finish_reason":"stop")"), 1u);
  EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
}

}  // namespace

}  // namespace punctual::sim
