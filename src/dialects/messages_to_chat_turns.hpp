// The system prompt and the messages of Anthropic Messages as `messages` of Chat Completions; the contract is
// that of messages_to_chat_request.hpp.
#pragma once

#include "dialects/request_writing.hpp"

namespace punctual::dialects {

// Appends a message with the system prompt.
bool write_chat_system(RequestWriting& writing, const json::Element& system);

// Appends the items of the messages.
bool write_chat_messages(RequestWriting& writing, const json::Element& messages);

}  // namespace punctual::dialects
