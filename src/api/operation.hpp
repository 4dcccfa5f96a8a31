// What the public API offers: each generating route with its dialect, its limits and its name upstream.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/endpoint.hpp"

namespace punctual::api {

enum class Dialect : std::uint8_t { openai, anthropic };

enum class Operation : std::uint8_t {
  chat_completions,
  completions,
  embeddings,
  messages,
  responses,
  count_tokens,
  rerank  // as Jina, llama-server and vLLM have it
};

struct OperationTraits {
  std::string_view path;           // here: "/v1/chat/completions"
  std::string_view upstream_path;  // below a provider's base URL: "/chat/completions"
  config::Endpoint endpoint;       // whose limits apply
  Dialect dialect;
};

const OperationTraits& traits(Operation operation);

// The operation that is reached with POST at `path`.
std::optional<Operation> operation_at(std::string_view path);

}  // namespace punctual::api
