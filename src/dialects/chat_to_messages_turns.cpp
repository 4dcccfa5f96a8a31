#include "dialects/chat_to_messages_turns.hpp"

#include "dialects/chat_to_messages_parts.hpp"
#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

// Anthropic's are ^[a-zA-Z0-9_-]+$; the same id becomes the same wherever it stands.
std::string tool_id(std::string_view id) {
  std::string safe(id);
  for (char& c : safe) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!plain) c = '_';
  }
  return safe;
}

class Turns {
 public:
  Turns(RequestWriting& writing, MessagesTurns& turns) : writing_(writing), turns_(turns) {}

  bool run(const json::Element& messages) {
    const Path path("messages");
    array items;
    if (!writing_.read(path, messages, items)) return false;
    turns_.messages = "[";
    std::size_t index = 0;
    for (const auto item : items) {
      const Path item_path = path.at(index++);
      if (!add(item_path, item)) return false;
    }
    close_turn();
    turns_.messages.push_back(']');
    if (turns_.messages == "[]") {
      return writing_.refuse(path, "`messages` has nothing from a user; it must have a message of one.");
    }
    return true;
  }

 private:
  bool add(const Path& path, const json::Element& item) {
    object message;
    std::string_view role;
    if (!writing_.read(path, item, message)) return false;
    if (!writing_.read_member(path, message, "role", role)) return false;
    if (role == "system" || role == "developer") return add_system(path, message);
    if (role == "user") return add_user(path, message);
    if (role == "assistant") return add_assistant(path, message);
    if (role == "tool") return add_tool(path, message);
    return writing_.wrong(path.member("role"), message["role"].value_unsafe(),
                          role == "function"
                              ? "functions are not supported any more, send `tools` and role \"tool\""
                              : R"(it must be "system", "developer", "user", "assistant" or "tool")");
  }

  bool content_of(const Path& path, const object& message, json::Element& content) {
    return find(message, "content", content) ||
           writing_.missing(path.member("content"), "it must be a string or an array of parts");
  }

  bool add_system(const Path& path, const object& message) {
    json::Element content;
    std::string text;
    writing_.leave_out_others(message, "messages[].", {"role", "content"});
    if (!content_of(path, message, content)) return false;
    if (!read_chat_text(writing_, path.member("content"), content, text)) return false;
    if (text.empty()) return true;
    if (!turns_.system.empty()) turns_.system.push_back('\n');
    turns_.system.append(text);
    return true;
  }

  bool add_user(const Path& path, const object& message) {
    json::Element content;
    writing_.leave_out_others(message, "messages[].", {"role", "content"});
    if (!content_of(path, message, content)) return false;
    open_turn("user");
    turns_.answers_tools = false;
    return write_messages_blocks(writing_, path.member("content"), content, true, blocks_);
  }

  bool add_tool(const Path& path, const object& message) {
    json::Element content;
    std::string_view id;
    writing_.leave_out_others(message, "messages[].", {"role", "content", "tool_call_id"});
    if (!writing_.read_member(path, message, "tool_call_id", id)) return false;
    if (!content_of(path, message, content)) return false;
    std::string inner = "[";
    if (!write_messages_blocks(writing_, path.member("content"), content, true, inner)) return false;
    open_turn("user");
    turns_.answers_tools = true;
    append_comma(blocks_);
    blocks_.append(R"({"type":"tool_result","tool_use_id":)");
    append_string(blocks_, tool_id(id));
    if (std::string_view text; !content.get(text)) {
      append_member(blocks_, "content", text);
    } else if (inner.size() > 1) {
      append_raw_member(blocks_, "content", inner.append("]"));
    }
    blocks_.push_back('}');
    return true;
  }

  bool add_assistant(const Path& path, const object& message) {
    for (const std::string_view key : {"function_call", "audio"}) {
      if (json::Element value; find(message, key, value)) {
        return writing_.wrong(path.member(key), value, "the upstream of this model has no such thing");
      }
    }
    writing_.leave_out_others(message, "messages[].",
                              {"role", "content", "refusal", "tool_calls", "function_call", "audio"});
    open_turn("assistant");
    turns_.answers_tools = false;
    json::Element value;
    if (find(message, "content", value) &&
        !write_messages_blocks(writing_, path.member("content"), value, false, blocks_)) {
      return false;
    }
    if (find(message, "refusal", value)) {
      std::string_view text;
      if (!writing_.read(path.member("refusal"), value, text)) return false;
      append_text_block(blocks_, text);
    }
    if (!find(message, "tool_calls", value)) return true;
    const Path calls_path = path.member("tool_calls");
    array calls;
    if (!writing_.read(calls_path, value, calls)) return false;
    std::size_t index = 0;
    for (const auto item : calls) {
      const Path item_path = calls_path.at(index++);
      if (!add_call(item_path, item)) return false;
    }
    return true;
  }

  bool add_call(const Path& path, const json::Element& item) {
    object call;
    object function;
    std::string_view id;
    std::string_view name;
    std::string_view arguments;
    const Path function_path = path.member("function");
    if (!writing_.read(path, item, call)) return false;
    if (std::string_view type; find(call, "type", type) && type != "function") {
      return writing_.wrong(path.member("type"), call["type"].value_unsafe(), "it must be \"function\"");
    }
    if (!writing_.read_member(path, call, "id", id)) return false;
    if (!writing_.read_member(path, call, "function", function)) return false;
    if (!writing_.read_member(function_path, function, "name", name)) return false;
    if (!writing_.read_member(function_path, function, "arguments", arguments)) return false;
    append_comma(blocks_);
    blocks_.append(R"({"type":"tool_use","id":)");
    append_string(blocks_, tool_id(id));
    append_member(blocks_, "name", name);
    append_key(blocks_, "input");
    // What models write for a tool without parameters.
    if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos) arguments = "{}";
    const auto input = arguments_reader_.read_copy(arguments);
    object members;
    if (!input || input->get(members)) {
      return writing_.wrong(function_path.member("arguments"), function["arguments"].value_unsafe(),
                            "it must be the text of a JSON object");
    }
    append_value(blocks_, members);
    blocks_.push_back('}');
    return true;
  }

  // Turns of one role that follow each other are one: Anthropic wants the results of all calls in one
  // message.
  void open_turn(std::string_view role) {
    if (role == role_) return;
    close_turn();
    role_ = role;
    blocks_ = "[";
  }

  void close_turn() {
    if (blocks_.size() > 1) {
      append_comma(turns_.messages);
      turns_.messages.push_back('{');
      append_member(turns_.messages, "role", role_);
      append_raw_member(turns_.messages, "content", blocks_);
      turns_.messages.append("]}");
    }
    blocks_.clear();
  }

  RequestWriting& writing_;
  MessagesTurns& turns_;
  json::Reader arguments_reader_;
  std::string_view role_;
  std::string blocks_;
};

}  // namespace

bool read_chat_turns(RequestWriting& writing, const json::Element& messages, MessagesTurns& turns) {
  return Turns(writing, turns).run(messages);
}

}  // namespace punctual::dialects
