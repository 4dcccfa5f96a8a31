// Blocks of a user's message, or inside a tool result, of Anthropic Messages as content parts of Chat
// Completions.
#pragma once

#include <string>

#include "dialects/request_writing.hpp"

namespace punctual::dialects {

// Appends the part or parts (a document's own content may be several) that a block becomes to `parts`, an
// open JSON array. Texts are gathered in `text` instead where it is given, line by line.
bool write_chat_part(RequestWriting& writing, const Path& path, const object& block, std::string& parts,
                     std::string* text = nullptr);

// Appends {"type":"text","text":...}.
void append_text_part(std::string& parts, std::string_view text);

}  // namespace punctual::dialects
