// Answers made ready before they are given, so that giving them is only copying and waiting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/ask.hpp"

namespace punctual::sim {

// A run of tokens in a stream: `before`, a word and `after` make one event.
struct Section {
  std::string opening;  // whole events, or nothing; so is `closing`
  std::string before;
  std::string after;
  std::string closing;
  std::string_view stem;
  std::uint64_t count = 0;
  std::uint64_t from = 0;
};

// A stream.
struct Script {
  std::vector<Section> sections;
  std::string closing;  // finish reason, usage, [DONE]
  std::string empty_delta;
  std::string progress_before;  // a rising number comes between the two
  std::string progress_after;
  std::string error;
  std::uint64_t event_bytes = 0;  // a token's event is padded to so many
};

// An answer in one piece. `content` is where the text of the answer begins.
struct Document {
  std::string text;
  std::size_t content = 0;
};

// Makes `document.text` so long by padding the answer's text, which ends at `end`; nothing if it is longer.
void pad_document(Document& document, std::size_t end, std::uint64_t bytes);

Script openai_script(const Ask& ask);
Document openai_document(const Ask& ask);
Script anthropic_script(const Ask& ask);
Document anthropic_document(const Ask& ask);
Document embeddings_document(const Ask& ask);

inline Script script_of(const Ask& ask) {
  return ask.operation == Operation::messages ? anthropic_script(ask) : openai_script(ask);
}

inline Document document_of(const Ask& ask) {
  if (ask.operation == Operation::embeddings) return embeddings_document(ask);
  return ask.operation == Operation::messages ? anthropic_document(ask) : openai_document(ask);
}

// An error in the dialect's shape. An empty `code` or `param` is null.
std::string error_document(Operation operation, int status, std::string_view message, std::string_view code,
                           std::string_view param);

}  // namespace punctual::sim
