// A model's call of a tool, understood: what is to be done, or why it cannot be; and the result as the model
// is told it. Pure.
#pragma once

#include <expected>
#include <string>

#include "chat/model_answer.hpp"
#include "chat/tools.hpp"

namespace punctual::chat {

// Fills in `tool`, `sql`, `table` and `reason`. The error is a sentence for the model.
std::expected<ToolRequest, std::string> read_tool_call(const ToolCall& call);

// Collects a result, piece by piece: {"columns", "rows", "row_count", "truncated"}, and "error" or "note"
// where there is something to say.
class ToolResult {
 public:
  void add(const std::string& columns, const std::string& rows);
  std::string text(const ToolEnd& end) const;

 private:
  std::string columns_;
  std::string rows_;  // without the brackets
};

// {"error": ...}
std::string tool_error(std::string_view sentence);

}  // namespace punctual::chat
