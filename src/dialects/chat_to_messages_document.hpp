// A whole answer of Chat Completions as one of Anthropic Messages, and what its stream is read with too; the
// contract is that of chat_to_messages_answer.hpp.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "dialects/request_writing.hpp"
#include "dialects/translation.hpp"

namespace punctual::dialects {

// A message or delta of a chat, read in one walk. The views are into the document, or into `scratch`, which
// the caller keeps.
struct ChatMessage {
  std::string_view reasoning;
  std::string_view text;
  std::string_view refusal;
  array tool_calls;
  object function_call;
  bool has_tool_calls = false;
  bool has_function_call = false;
};
struct ChatScratch {
  std::string reasoning;
  std::string text;
};
ChatMessage read_chat_message(const object& message, ChatScratch& scratch);

// How a choice ended.
struct ChatEnd {
  std::string_view finish_reason;
  std::string_view stop_sequence;
};
ChatEnd read_chat_end(const object& choice);

// "stop_reason":...,"stop_sequence":...
void append_stop(std::string& out, const ChatEnd& end, bool has_tools, bool refused);

std::expected<std::string, std::string> messages_document_of_chat(std::string_view document,
                                                                  const AnswerContext& context);

}  // namespace punctual::dialects
