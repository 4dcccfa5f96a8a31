#include "gateway/passage.hpp"

namespace punctual::gateway {

using api::Operation;
using config::ProviderKind;
using dialects::Format;
using dialects::StreamKind;

namespace {

constexpr std::string_view chat_path = "/chat/completions";
constexpr std::string_view messages_path = "/messages";

std::string_view path_of(Format format) {
  return format == Format::messages ? messages_path : chat_path;
}

// What the provider is asked for when it does not have the client's own format.
Format format_of(const config::Provider& provider) {
  return provider.kind == ProviderKind::anthropic ? Format::messages : Format::chat_completions;
}

}  // namespace

std::optional<Passage> passage_of(Operation operation, const config::Provider& provider) {
  const auto as_it_is = api::traits(operation).upstream_path;
  const auto other = format_of(provider);
  switch (operation) {
    case Operation::chat_completions:
      return Passage{path_of(other), Format::chat_completions, other};
    case Operation::messages:
      // The simulation speaks both.
      if (provider.kind != ProviderKind::openai) return Passage{as_it_is, Format::messages, Format::messages};
      if (!provider.quirks.messages_path.empty())
        return Passage{provider.quirks.messages_path, Format::messages, Format::messages};
      return Passage{path_of(other), Format::messages, other};
    case Operation::responses:
      if (provider.quirks.speaks_responses) return Passage{as_it_is, Format::responses, Format::responses};
      return Passage{path_of(other), Format::responses, other};
    case Operation::count_tokens:
      // What others would count by is not known: the gateway estimates.
      if (provider.kind != ProviderKind::anthropic) return std::nullopt;
      return Passage{as_it_is, Format::messages, Format::messages};
    case Operation::completions:
    case Operation::embeddings:
    case Operation::rerank:
      if (provider.kind == ProviderKind::anthropic) return std::nullopt;
      return Passage{as_it_is};
  }
  return std::nullopt;
}

std::optional<StreamKind> stream_kind_of(Operation operation, const Passage& passage) {
  if (operation == Operation::embeddings || operation == Operation::rerank ||
      operation == Operation::count_tokens)
    return std::nullopt;
  if (operation == Operation::completions) return StreamKind::completions;
  if (passage.upstream == Format::responses) return std::nullopt;
  return passage.upstream == Format::messages ? StreamKind::messages : StreamKind::chat_completions;
}

}  // namespace punctual::gateway
