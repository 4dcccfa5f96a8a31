#include "api/operation.hpp"

#include <gtest/gtest.h>

namespace punctual::api {
namespace {

TEST(Operation, IsFoundByItsPath) {
  EXPECT_EQ(operation_at("/v1/chat/completions"), Operation::chat_completions);
  EXPECT_EQ(operation_at("/v1/completions"), Operation::completions);
  EXPECT_EQ(operation_at("/v1/embeddings"), Operation::embeddings);
  EXPECT_EQ(operation_at("/v1/rerank"), Operation::rerank);
  EXPECT_EQ(operation_at("/v1/messages"), Operation::messages);
  EXPECT_EQ(operation_at("/v1/responses"), Operation::responses);
  EXPECT_EQ(operation_at("/v1/messages/count_tokens"), Operation::count_tokens);
  for (const auto path :
       {"", "/", "/v1/chat/completions/", "/V1/completions", "/v1/completions?x", "//v1/completions"})
    EXPECT_FALSE(operation_at(path)) << path;
}

TEST(Operation, HasItsTraits) {
  EXPECT_EQ(traits(Operation::embeddings).endpoint, config::Endpoint::embeddings);
  EXPECT_EQ(traits(Operation::rerank).endpoint, config::Endpoint::embeddings);
  EXPECT_EQ(traits(Operation::rerank).upstream_path, "/rerank");
  EXPECT_EQ(traits(Operation::messages).dialect, Dialect::anthropic);
  EXPECT_EQ(traits(Operation::completions).upstream_path, "/completions");
}

}  // namespace
}  // namespace punctual::api
