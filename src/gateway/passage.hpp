// How a request of one operation goes to a provider: as it is, or as another format.
#pragma once

#include <optional>
#include <string_view>

#include "api/operation.hpp"
#include "config/provider.hpp"
#include "dialects/assembler.hpp"
#include "dialects/translation.hpp"

namespace punctual::gateway {

struct Passage {
  std::string_view path;  // below the provider's base URL
  dialects::Format client = dialects::Format::chat_completions;
  dialects::Format upstream = dialects::Format::chat_completions;

  // The formats mean something only where they differ.
  bool translated() const { return client != upstream; }
};

// Nothing: the provider has nothing like it.
std::optional<Passage> passage_of(api::Operation operation, const config::Provider& provider);

// How the upstream's stream of this passage is put together; nothing: it cannot be.
std::optional<dialects::StreamKind> stream_kind_of(api::Operation operation, const Passage& passage);

}  // namespace punctual::gateway
