// The messages of Chat Completions as system prompt and messages of Anthropic Messages; the contract is that
// of chat_to_messages_request.hpp.
#pragma once

#include <string>

#include "dialects/request_writing.hpp"

namespace punctual::dialects {

struct MessagesTurns {
  std::string system;          // a text; empty for none
  std::string messages;        // a JSON array
  bool answers_tools = false;  // the last turn is results of tools
};

bool read_chat_turns(RequestWriting& writing, const json::Element& messages, MessagesTurns& turns);

}  // namespace punctual::dialects
