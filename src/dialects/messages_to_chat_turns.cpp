#include "dialects/messages_to_chat_turns.hpp"

#include "base/text.hpp"
#include "dialects/json_text.hpp"
#include "dialects/messages_to_chat_parts.hpp"

namespace punctual::dialects {

namespace {

void open_message(std::string& out, std::string_view role) {
  append_comma(out);
  out.push_back('{');
  append_member(out, "role", role);
}

bool read_block(RequestWriting& writing, const Path& path, const json::Element& item, object& block,
                std::string_view& type) {
  return writing.read(path, item, block) && writing.read_member(path, block, "type", type);
}

// A string, or text blocks joined.
bool read_text(RequestWriting& writing, const Path& path, const json::Element& content,
               std::string_view between, std::string& text) {
  std::string_view whole;
  if (!content.get(whole)) {
    text = whole;
    return true;
  }
  array blocks;
  if (content.get(blocks)) {
    return writing.wrong(path, content, "it must be a string or an array of text blocks");
  }
  std::size_t index = 0;
  for (const auto item : blocks) {
    const Path item_path = path.at(index);
    object block;
    std::string_view type;
    std::string_view piece;
    if (!read_block(writing, item_path, item, block, type)) return false;
    if (type != "text") {
      return writing.wrong(item_path.member("type"), block["type"].value_unsafe(), "it must be \"text\"");
    }
    if (!writing.read_member(item_path, block, "text", piece)) return false;
    writing.leave_out_others(block, "text.", {"type", "text"});
    if (index++ > 0) text.append(between);
    text.append(piece);
  }
  return true;
}

// One role:tool message; what is no text goes to `parts`, for the user's message behind.
bool write_tool_result(RequestWriting& writing, const Path& path, const object& block, std::string& parts) {
  std::string_view id;
  if (!writing.read_member(path, block, "tool_use_id", id)) return false;
  writing.leave_out_others(block, "tool_result.", {"type", "tool_use_id", "content", "is_error"});
  bool is_error = false;
  json::Element value;
  if (find(block, "is_error", value) && !writing.read(path.member("is_error"), value, is_error)) return false;

  std::string text;
  const std::size_t before = parts.size();
  if (find(block, "content", value)) {
    std::string_view whole;
    const Path content_path = path.member("content");
    array blocks;
    if (!value.get(whole)) {
      text = whole;
    } else if (value.get(blocks)) {
      return writing.wrong(content_path, value, "it must be a string or an array of blocks");
    } else {
      std::size_t index = 0;
      for (const auto item : blocks) {
        const Path item_path = content_path.at(index++);
        object inner;
        if (!writing.read(item_path, item, inner)) return false;
        if (!write_chat_part(writing, item_path, inner, parts, &text)) return false;
      }
    }
  }
  // The model could not tell whose the images of the next message are.
  if (parts.size() > before) text.append(text.empty() ? "" : "\n").append("[continued in the next message]");
  if (is_error && (text.size() < 5 || !base::equals_ignoring_case(text.substr(0, 5), "error"))) {
    text.insert(0, text.empty() ? "Error" : "Error: ");
  }
  open_message(writing.body, "tool");
  append_member(writing.body, "tool_call_id", id);
  append_member(writing.body, "content", text);
  writing.body.push_back('}');
  return true;
}

bool write_user(RequestWriting& writing, const Path& path, const array& blocks) {
  std::string parts = "[";
  std::string own = "[";
  std::string_view only_text;
  std::size_t others = 0;
  std::size_t index = 0;
  for (const auto item : blocks) {
    const Path item_path = path.at(index++);
    object block;
    std::string_view type;
    if (!read_block(writing, item_path, item, block, type)) return false;
    if (type == "tool_result") {
      if (!write_tool_result(writing, item_path, block, parts)) return false;
      continue;
    }
    ++others;
    if (!write_chat_part(writing, item_path, block, own)) return false;
    if (type == "text") (void)find(block, "text", only_text);
  }
  const bool from_results = parts.size() > 1;
  if (others == 0 && !from_results && index > 0) return true;
  open_message(writing.body, "user");
  append_key(writing.body, "content");
  if (others == 1 && !from_results && !only_text.empty()) {
    append_string(writing.body, only_text);
  } else {
    if (from_results && others > 0) parts.push_back(',');
    writing.body.append(parts).append(std::string_view(own).substr(1)).push_back(']');
  }
  writing.body.push_back('}');
  return true;
}

bool append_tool_call(RequestWriting& writing, const Path& path, const object& block, std::string& calls) {
  std::string_view id;
  std::string_view name;
  object input;
  if (!writing.read_member(path, block, "id", id)) return false;
  if (!writing.read_member(path, block, "name", name)) return false;
  if (!writing.read_member(path, block, "input", input)) return false;
  writing.leave_out_others(block, "tool_use.", {"type", "id", "name", "input"});
  append_comma(calls);
  calls.push_back('{');
  append_member(calls, "id", id);
  append_raw_member(calls, "type", R"("function")");
  append_raw_member(calls, "function", "{");
  append_member(calls, "name", name);
  std::string arguments;
  append_value(arguments, input);
  append_member(calls, "arguments", arguments);
  calls.append("}}");
  return true;
}

bool write_assistant(RequestWriting& writing, const Path& path, const array& blocks) {
  std::string text;
  std::string calls;
  bool has_text = false;
  std::size_t index = 0;
  for (const auto item : blocks) {
    const Path item_path = path.at(index++);
    object block;
    std::string_view type;
    if (!read_block(writing, item_path, item, block, type)) return false;
    if (type == "text") {
      std::string_view piece;
      if (!writing.read_member(item_path, block, "text", piece)) return false;
      writing.leave_out_others(block, "text.", {"type", "text"});
      text.append(piece);
      has_text = true;
    } else if (type == "tool_use") {
      if (calls.empty()) calls.push_back('[');
      if (!append_tool_call(writing, item_path, block, calls)) return false;
    } else if (type == "thinking" || type == "redacted_thinking") {
      writing.leave_out(type);
    } else {
      return writing.wrong(item_path.member("type"), block["type"].value_unsafe(),
                           "an assistant's message for this upstream has \"text\", \"tool_use\" and "
                           "\"thinking\" blocks");
    }
  }
  // What was only thought leaves nothing to send.
  if (!has_text && calls.empty()) return true;
  open_message(writing.body, "assistant");
  if (has_text) {
    append_member(writing.body, "content", text);
  } else {
    append_raw_member(writing.body, "content", "null");
  }
  if (!calls.empty()) {
    append_raw_member(writing.body, "tool_calls", calls);
    writing.body.push_back(']');
  }
  writing.body.push_back('}');
  return true;
}

bool write_message(RequestWriting& writing, const Path& path, const json::Element& item) {
  object message;
  std::string_view role;
  if (!writing.read(path, item, message)) return false;
  if (!writing.read_member(path, message, "role", role)) return false;
  if (role != "user" && role != "assistant" && role != "system") {
    return writing.wrong(path.member("role"), message["role"].value_unsafe(),
                         "it must be \"user\" or \"assistant\"");
  }
  writing.leave_out_others(message, "messages[].", {"role", "content"});
  const Path content_path = path.member("content");
  json::Element content;
  if (message["content"].get(content)) {
    return writing.missing(content_path, "it must be a string or an array of blocks");
  }
  std::string_view text;
  array blocks;
  if (!content.get(text)) {
    open_message(writing.body, role);
    append_member(writing.body, "content", text);
    writing.body.push_back('}');
    return true;
  }
  if (role == "system") {
    std::string joined;
    if (!read_text(writing, content_path, content, "\n\n", joined)) return false;
    open_message(writing.body, role);
    append_member(writing.body, "content", joined);
    writing.body.push_back('}');
    return true;
  }
  if (content.get(blocks)) {
    return writing.wrong(content_path, content, "it must be a string or an array of blocks");
  }
  return role == "user" ? write_user(writing, content_path, blocks)
                        : write_assistant(writing, content_path, blocks);
}

}  // namespace

bool write_chat_system(RequestWriting& writing, const json::Element& system) {
  std::string text;
  if (!read_text(writing, Path("system"), system, "\n\n", text)) return false;
  if (text.empty()) return true;
  open_message(writing.body, "system");
  append_member(writing.body, "content", text);
  writing.body.push_back('}');
  return true;
}

bool write_chat_messages(RequestWriting& writing, const json::Element& messages) {
  const Path path("messages");
  array items;
  if (!writing.read(path, messages, items)) return false;
  if (items.size() == 0) return writing.refuse(path, "`messages` is empty; it must have a message.");
  std::size_t index = 0;
  for (const auto item : items) {
    const Path item_path = path.at(index++);
    if (!write_message(writing, item_path, item)) return false;
  }
  return true;
}

}  // namespace punctual::dialects
