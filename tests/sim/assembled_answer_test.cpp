// The simulator answers the same request streamed and whole; the stream put together is the whole answer.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "dialects/assembler.hpp"
#include "http/sse.hpp"
#include "sim/test_client.hpp"

namespace punctual::sim {
namespace {

namespace bj = boost::json;

struct Route {
  dialects::StreamKind kind;
  std::string_view path;
  std::string_view rest;
};

std::string body_of(const Route& route, const std::string& options, std::string_view members) {
  return R"({"model":"sim:)" + options + "\"," + std::string(route.rest) + std::string(members) + "}";
}

// A request is counted in the answer's id, and its bytes in the usage.
bj::object comparable(const std::string& text) {
  auto document = bj::parse(text).as_object();
  document.erase("id");
  document.erase("created");
  if (auto* const usage = document.if_contains("usage")) {
    for (const auto name : {"prompt_tokens", "total_tokens", "input_tokens"})
      usage->as_object().erase(name);
  }
  return document;
}

void expect_the_same(const Route& route, const std::string& options, bool logprobs_told) {
  TestClient client;
  client.post(route.path, body_of(route, options, ""));
  const auto whole = client.answer();
  ASSERT_TRUE(whole.complete) << options;
  client.post(route.path,
              body_of(route, options, R"(,"stream":true,"stream_options":{"include_usage":true})"));
  const auto stream = client.answer();
  ASSERT_TRUE(stream.complete) << options;

  const auto assembler = dialects::make_assembler(route.kind);
  http::SseEvents events(stream.body);
  for (std::string_view event; events.next(event);)
    ASSERT_TRUE(assembler->event(event)) << assembler->problem();
  const auto document = assembler->document();
  ASSERT_TRUE(document) << document.error();
  auto expected = comparable(whole.body);
  // The simulator's chat stream never tells `logprobs`; its whole answer has null there.
  if (!logprobs_told) expected.at("choices").at(0).as_object().erase("logprobs");
  EXPECT_EQ(comparable(*document), expected) << options << ": " << *document;
}

TEST(AssembledAnswer, IsTheWholeAnswerOfChat) {
  const Route chat{dialects::StreamKind::chat_completions, "/v1/chat/completions", R"("messages":[])"};
  for (const std::string options : {"tokens=5", "tokens=3,reasoning=2", "tokens=2,tool_calls=3",
                                    "tokens=1,reasoning=1,tool_calls=1", "tokens=0"})
    expect_the_same(chat, options, false);
}

TEST(AssembledAnswer, IsTheWholeAnswerOfCompletions) {
  const Route completions{dialects::StreamKind::completions, "/v1/completions", R"("prompt":"x")"};
  for (const std::string options : {"tokens=5", "tokens=1"})
    expect_the_same(completions, options, true);
}

TEST(AssembledAnswer, IsTheWholeAnswerOfMessages) {
  const Route messages{dialects::StreamKind::messages, "/v1/messages", R"("max_tokens":99,"messages":[])"};
  for (const std::string options : {"tokens=5", "tokens=2,tool_calls=2", "tokens=0"})
    expect_the_same(messages, options, true);
}

}  // namespace
}  // namespace punctual::sim
