#include "api/operation.hpp"

#include <array>

namespace punctual::api {

namespace {

constexpr std::array<OperationTraits, 7> all = {{
    {"/v1/chat/completions", "/chat/completions", config::Endpoint::chat, Dialect::openai},
    {"/v1/completions", "/completions", config::Endpoint::completions, Dialect::openai},
    {"/v1/embeddings", "/embeddings", config::Endpoint::embeddings, Dialect::openai},
    {"/v1/messages", "/messages", config::Endpoint::chat, Dialect::anthropic},
    {"/v1/responses", "/responses", config::Endpoint::chat, Dialect::openai},
    {"/v1/messages/count_tokens", "/messages/count_tokens", config::Endpoint::chat, Dialect::anthropic},
    {"/v1/rerank", "/rerank", config::Endpoint::embeddings, Dialect::openai},
}};

}  // namespace

const OperationTraits& traits(Operation operation) {
  return all[static_cast<std::size_t>(operation)];
}

std::optional<Operation> operation_at(std::string_view path) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].path == path) return static_cast<Operation>(i);
  }
  return std::nullopt;
}

}  // namespace punctual::api
