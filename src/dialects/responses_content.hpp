// The content of one item: a string, or parts.
#pragma once

#include <string>

#include "dialects/request_writing.hpp"

namespace punctual::dialects {

enum class ContentOf : unsigned char { asking, assistant, tool };

// Content as Chat Completions has it, as JSON; one part of text becomes a string, which every server takes.
struct ItemContent {
  std::string json;     // empty for none
  std::string refusal;  // of an assistant, as a JSON string; empty for none
};

bool read_content(const Path& path, const json::Element& value, ContentOf whose, RequestWriting& writing,
                  ItemContent& content);

}  // namespace punctual::dialects
