// Content of a message of Chat Completions, a string or parts, as blocks of Anthropic Messages.
#pragma once

#include <string>

#include "dialects/request_writing.hpp"

namespace punctual::dialects {

// Appends the blocks to `blocks`, an open JSON array. Parts other than text and refusals are a problem unless
// it is `from_user`.
bool write_messages_blocks(RequestWriting& writing, const Path& path, const json::Element& content,
                           bool from_user, std::string& blocks);

// The same for what must be text; pieces are joined by line ends.
bool read_chat_text(RequestWriting& writing, const Path& path, const json::Element& content,
                    std::string& text);

// Appends {"type":"text","text":...} unless the text is empty.
void append_text_block(std::string& blocks, std::string_view text);

}  // namespace punctual::dialects
