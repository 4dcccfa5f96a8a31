// Tools, the choice among them, and the form of the text: from Responses' flat shapes to Chat Completions'
// nested ones.
#pragma once

#include "dialects/request_writing.hpp"

namespace punctual::dialects {

// Appends tools, tool_choice and parallel_tool_calls. Without tools the latter two say nothing and servers
// refuse them; then only a choice that demands a tool is sent.
bool write_tools(const Member& tools, const Member& choice, const Member& parallel, RequestWriting& writing);

// `text`: response_format and verbosity.
bool write_text_options(const json::Element& text, RequestWriting& writing);

}  // namespace punctual::dialects
