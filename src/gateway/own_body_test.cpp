#include "gateway/own_body.hpp"

#include <gtest/gtest.h>

namespace punctual::gateway {
namespace {

using api::Operation;
using dialects::Format;

api::Request request_of(Operation operation, std::string body) {
  api::Request request;
  request.operation = operation;
  request.model = "m";
  request.has_timeout_member = body.find("\"timeout\"") != std::string::npos;
  request.body = std::move(body);
  return request;
}

TEST(OwnBody, AsksForAStreamThatTellsItsUsage) {
  const config::Provider provider;
  EXPECT_EQ(as_stream(R"({"model":"m","stream":false,"n":1})", Format::chat_completions, provider),
            R"({"stream":true,"stream_options":{"include_usage":true},"model":"m","n":1})");
  EXPECT_EQ(as_stream(R"({ "model":"m"})", Format::messages, provider), R"({"stream":true, "model":"m"})");
  config::Provider plain;
  plain.quirks.stream_options = false;
  EXPECT_EQ(as_stream(R"({"model":"m"})", Format::chat_completions, plain), R"({"stream":true,"model":"m"})");
}

TEST(OwnBody, NamesTheMaximumAsTheServerDoes) {
  config::Provider provider;
  provider.quirks.max_tokens_member = "max_completion_tokens";
  json::Reader reader;
  const auto passage = passage_of(Operation::messages, provider);
  const auto translated = translated_body(
      request_of(Operation::messages,
                 R"({"model":"m","max_tokens":5,"timeout":3,"messages":[{"role":"user","content":"hi"}]})"),
      *passage, provider, "other", reader);
  ASSERT_TRUE(translated);
  EXPECT_NE(translated->body.find(R"("max_completion_tokens":5)"), std::string::npos) << translated->body;
  EXPECT_EQ(translated->body.find("\"max_tokens\""), std::string::npos);
  EXPECT_NE(translated->body.find(R"("model":"other")"), std::string::npos);
  EXPECT_TRUE(translated->left_out.empty()) << "`timeout` is ours, and not left out but used";
}

TEST(OwnBody, ListsWhatIsLeftOutSafely) {
  EXPECT_EQ(left_out_header({}), "");
  EXPECT_EQ(left_out_header({"top_k", "metadata.x"}), "top_k, metadata.x");
  EXPECT_EQ(left_out_header({"a\r\nSet-Cookie: b", "c,d"}), "a??Set-Cookie:?b, c?d");
  const std::vector<std::string> many(500, "member");
  EXPECT_LT(left_out_header(many).size(), 1100U);
  EXPECT_TRUE(left_out_header(many).ends_with(", ..."));
}

TEST(Passage, KeepsTheFormatWhereTheProviderHasIt) {
  config::Provider openai;
  config::Provider anthropic;
  anthropic.kind = config::ProviderKind::anthropic;
  config::Provider simulated;
  simulated.kind = config::ProviderKind::simulated;
  EXPECT_FALSE(passage_of(Operation::chat_completions, openai)->translated());
  EXPECT_FALSE(passage_of(Operation::messages, anthropic)->translated());
  EXPECT_FALSE(passage_of(Operation::messages, simulated)->translated());
  EXPECT_EQ(passage_of(Operation::chat_completions, anthropic)->path, "/messages");
  EXPECT_EQ(passage_of(Operation::messages, openai)->path, "/chat/completions");
  EXPECT_EQ(passage_of(Operation::responses, openai)->upstream, Format::chat_completions);
  EXPECT_EQ(passage_of(Operation::responses, anthropic)->upstream, Format::messages);
  openai.quirks.speaks_responses = true;
  openai.quirks.messages_path = "/messages";
  EXPECT_FALSE(passage_of(Operation::responses, openai)->translated());
  EXPECT_FALSE(passage_of(Operation::messages, openai)->translated());
  EXPECT_FALSE(passage_of(Operation::embeddings, anthropic));
  EXPECT_FALSE(passage_of(Operation::completions, anthropic));
  EXPECT_FALSE(passage_of(Operation::count_tokens, openai));
}

TEST(Passage, KnowsWhatCanBePutTogether) {
  const config::Provider openai;
  const auto kind = [&](Operation operation) {
    return stream_kind_of(operation, *passage_of(operation, openai));
  };
  EXPECT_EQ(kind(Operation::messages), dialects::StreamKind::chat_completions);
  EXPECT_EQ(kind(Operation::completions), dialects::StreamKind::completions);
  EXPECT_EQ(kind(Operation::embeddings), std::nullopt);
}

TEST(OwnBody, AsksForProgressOnce) {
  std::string body = R"({"model":"m","stream":true})";
  EXPECT_FALSE(add_return_progress(body));
  EXPECT_EQ(body, R"({"return_progress":true,"model":"m","stream":true})");
  EXPECT_TRUE(add_return_progress(body));
  EXPECT_EQ(body, R"({"return_progress":true,"model":"m","stream":true})");
}

TEST(OwnBody, AsksForProgressThoughTheClientDoesNotWantIt) {
  std::string body = R"({"model":"m","return_progress": false,"stream":true})";
  EXPECT_FALSE(add_return_progress(body));
  EXPECT_EQ(body, R"({"return_progress":true,"model":"m","stream":true})");
}

}  // namespace
}  // namespace punctual::gateway
