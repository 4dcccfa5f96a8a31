#include "gateway/reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/memory_stream.hpp"

namespace punctual::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Replies : public ::testing::Test {
 protected:
  Replies() {
    auto pair = net::memory_stream_pair(runtime);
    near = std::move(pair.first);
    far = std::move(pair.second);
    client.emplace(*near);
  }
  std::string sent() {
    std::string text(64 * 1024, '\0');
    text.resize(far->try_read(text).bytes);
    return text;
  }
  std::string told(const http::Problem& problem) {
    reply_problem(*client, context, problem);
    return sent();
  }

  deadline::ManualClock clock;
  net::Runtime runtime{clock};
  std::unique_ptr<net::Stream> near;
  std::unique_ptr<net::Stream> far;
  std::optional<relay::ClientWriter> client;
  ReplyContext context = [] {
    ReplyContext made;
    made.request_id = "req_1";
    made.instance = "/v1/chat/completions";
    made.type_base = "https://example.com/errors/";
    return made;
  }();
};

TEST_F(Replies, AreWholeDocuments) {
  reply_document(*client, context, 200, "application/json", "{}");
  EXPECT_EQ(
      sent(),
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nX-Request-ID: req_1\r\n"
      "\r\n{}");
  EXPECT_TRUE(client->ended());
  EXPECT_EQ(client->status(), 200);
}

TEST_F(Replies, SayWhenTheConnectionEnds) {
  context.keep_alive = false;
  reply_document(*client, context, 200, "application/json", "{}");
  EXPECT_THAT(sent(), HasSubstr("Connection: close\r\n"));
}

TEST_F(Replies, OfProblemsAreProblemDocuments) {
  const auto text = told(http::make_problem(404, "There is nothing here."));
  EXPECT_THAT(text, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(text, HasSubstr("Content-Type: application/problem+json\r\n"));
  EXPECT_THAT(text, HasSubstr(R"("type":"https://example.com/errors/not-found")"));
  EXPECT_THAT(text, HasSubstr(R"("instance":"/v1/chat/completions","request_id":"req_1")"));
  for (const auto field : {"Retry-After", "retry-after-ms", "Allow", "x-should-retry", "WWW-Authenticate"})
    EXPECT_THAT(text, Not(HasSubstr(field)));
}

TEST_F(Replies, TellWhenToTryAgainInSecondsAndMilliseconds) {
  auto problem = http::make_problem(503, "Busy.");
  problem.retry_after_seconds = 1.25;
  const auto text = told(problem);
  EXPECT_THAT(text, HasSubstr("\r\nRetry-After: 2\r\nretry-after-ms: 1250\r\n"));
}

TEST_F(Replies, TellWhatIsAllowed) {
  auto problem = http::make_problem(405, "No.");
  problem.allow = "POST";
  EXPECT_THAT(told(problem), HasSubstr("\r\nAllow: POST\r\n"));
}

TEST_F(Replies, OfUnauthorizedSayHow) {
  EXPECT_THAT(told(http::make_problem(401, "No key.")), HasSubstr("\r\nWWW-Authenticate: Bearer\r\n"));
}

TEST_F(Replies, AdviseAgainstARetry) {
  auto problem = http::make_problem(504, "Too late.");
  problem.should_not_retry = true;
  EXPECT_THAT(told(problem), HasSubstr("\r\nx-should-retry: false\r\n"));
}

TEST_F(Replies, SpeakTheAnthropicDialect) {
  context.dialect = api::Dialect::anthropic;
  const auto text = told(http::make_problem(504, "Too late."));
  EXPECT_THAT(text, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(text, HasSubstr(R"({"type":"error","error":{"type":"timeout_error","message":"Too late.")"));
}

TEST_F(Replies, InAStreamAreItsLastEvent) {
  client->begin("HEAD\r\n\r\n", 200, relay::Framing::chunked);
  client->write("data: a\n\n");
  sent();
  end_with_error_event(*client, context, http::make_problem(504, "Too late."));
  const auto text = sent();
  EXPECT_THAT(text, HasSubstr("\r\nevent: error\ndata: {\"type\":\"https://example.com/errors/timeout\""));
  EXPECT_TRUE(text.ends_with("}\n\n\r\n0\r\n\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("[DONE]")));
  EXPECT_TRUE(client->ended());
}

}  // namespace
}  // namespace punctual::gateway
