// Tools, the choice among them and the format of the answer, of Chat Completions, as tools of Anthropic
// Messages; the contract is that of chat_to_messages_request.hpp.
#pragma once

#include "dialects/request_writing.hpp"

namespace punctual::dialects {

struct ChatTools {
  Member tools;
  Member tool_choice;
  Member parallel_tool_calls;
  Member response_format;
};

// Appends `tools` and `tool_choice`. `forced`: the model must use a tool.
bool write_messages_tools(RequestWriting& writing, const ChatTools& members, bool& forced);

}  // namespace punctual::dialects
