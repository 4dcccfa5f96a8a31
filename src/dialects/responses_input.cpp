#include "dialects/responses_input.hpp"

#include "dialects/json_text.hpp"
#include "dialects/responses_content.hpp"

namespace punctual::dialects {

namespace {

// Goes over the items; what an assistant says and calls in a row is held back until the row ends.
class InputReading {
 public:
  explicit InputReading(RequestWriting& writing) : writing_(writing) {}

  bool read_item(const Path& path, const json::Element& value);
  void write_message(std::string_view role, std::string_view content);
  void flush();
  bool any() const { return any_; }

 private:
  bool read_message(const Path& path, const object& item);
  bool read_call(const Path& path, const object& item);
  bool read_output(const Path& path, const object& item);
  bool refuse_type(const Path& path, const object& item, std::string_view type);

  RequestWriting& writing_;
  ItemContent said_;
  std::string calls_;
  bool any_ = false;
};

void InputReading::write_message(std::string_view role, std::string_view content) {
  std::string& out = writing_.body;
  append_comma(out);
  append_member(out.append("{"), "role", role);
  append_raw_member(out, "content", content);
  out.push_back('}');
  any_ = true;
}

void InputReading::flush() {
  if (said_.json.empty() && said_.refusal.empty() && calls_.empty()) return;
  std::string& out = writing_.body;
  append_comma(out);
  append_member(out.append("{"), "role", "assistant");
  append_raw_member(out, "content", said_.json.empty() ? "null" : said_.json);
  if (!said_.refusal.empty()) append_raw_member(out, "refusal", said_.refusal);
  if (!calls_.empty()) append_raw_member(out, "tool_calls", calls_ + "]");
  out.push_back('}');
  said_ = {};
  calls_.clear();
  any_ = true;
}

bool InputReading::read_item(const Path& path, const json::Element& value) {
  object item;
  if (!writing_.read(path, value, item)) return false;
  json::Element given;
  std::string_view type = "message";
  if (find(item, "type", given)) {
    if (!writing_.read(path.member("type"), given, type)) return false;
  } else if (!find(item, "role", given)) {
    return writing_.missing(path.member("type"), "it must be \"message\", \"function_call\" or another type");
  }
  if (type == "message") return read_message(path, item);
  if (type == "function_call") return read_call(path, item);
  if (type == "function_call_output") return read_output(path, item);
  if (type == "reasoning") {
    writing_.leave_out("input.reasoning");
    return true;
  }
  return refuse_type(path, item, type);
}

bool InputReading::refuse_type(const Path& path, const object& item, std::string_view type) {
  if (type == "item_reference") {
    return writing_.refuse(path.member("type"),
                           "`" + path.member("type").text() +
                               "` is \"item_reference\"; this model is served stateless: "
                               "send the item itself.");
  }
  return writing_.wrong(path.member("type"), item["type"].value_unsafe(),
                        "this model takes \"message\", \"function_call\", \"function_call_output\" and "
                        "\"reasoning\"");
}

bool InputReading::read_message(const Path& path, const object& item) {
  std::string_view role;
  if (!writing_.read_member(path, item, "role", role)) return false;
  const bool assistant = role == "assistant";
  const bool system = role == "system" || role == "developer";
  if (!assistant && !system && role != "user") {
    return writing_.wrong(path.member("role"), item["role"].value_unsafe(),
                          "it must be \"user\", \"assistant\", \"system\" or \"developer\"");
  }
  json::Element value;
  const Path at = path.member("content");
  if (item["content"].get(value)) return writing_.missing(at, "it must be a string or an array of parts");
  ItemContent content;
  if (!read_content(at, value, assistant ? ContentOf::assistant : ContentOf::asking, writing_, content))
    return false;
  writing_.leave_out_others(item, "input.", {"type", "id", "status", "role", "content"});
  if (!assistant) {
    flush();
    write_message(system ? "system" : "user", content.json.empty() ? R"("")" : content.json);
    return true;
  }
  // What was said after calls is of the same turn: nothing may stand between calls and their outputs.
  if (!said_.json.empty() || !said_.refusal.empty()) flush();
  said_ = std::move(content);
  return true;
}

bool InputReading::read_call(const Path& path, const object& item) {
  std::string_view id;
  std::string_view name;
  std::string_view arguments;
  if (!writing_.read_member(path, item, "call_id", id) || !writing_.read_member(path, item, "name", name) ||
      !writing_.read_member(path, item, "arguments", arguments))
    return false;
  if (calls_.empty()) calls_ = "[";
  append_comma(calls_);
  append_member(calls_.append("{"), "id", id);
  append_member(calls_.append(R"(,"type":"function","function":{)"), "name", name);
  append_member(calls_, "arguments", arguments);
  calls_.append("}}");
  writing_.leave_out_others(item, "input.", {"type", "id", "status", "call_id", "name", "arguments"});
  return true;
}

bool InputReading::read_output(const Path& path, const object& item) {
  std::string_view id;
  if (!writing_.read_member(path, item, "call_id", id)) return false;
  json::Element value;
  const Path at = path.member("output");
  if (item["output"].get(value)) return writing_.missing(at, "it must be a string or an array of parts");
  ItemContent content;
  if (!read_content(at, value, ContentOf::tool, writing_, content)) return false;
  flush();
  std::string& out = writing_.body;
  append_comma(out);
  append_member(out.append(R"({"role":"tool")"), "tool_call_id", id);
  append_raw_member(out, "content", content.json.empty() ? R"("")" : content.json);
  out.push_back('}');
  any_ = true;
  writing_.leave_out_others(item, "input.", {"type", "id", "status", "call_id", "output"});
  return true;
}

bool read_input(const Member& input, InputReading& reading, RequestWriting& writing) {
  const Path path(input.name);
  std::string_view text;
  if (!input.value.get(text)) {
    std::string quoted;
    append_string(quoted, text);
    reading.write_message("user", quoted);
    return true;
  }
  array items;
  if (input.value.get(items))
    return writing.wrong(path, input.value, "it must be a string or an array of items");
  std::size_t index = 0;
  for (const auto item : items)
    if (!reading.read_item(path.at(index++), item)) return false;
  reading.flush();
  return true;
}

}  // namespace

bool write_messages(const Member& instructions, const Member& input, RequestWriting& writing) {
  if (!input.present) return writing.missing(Path(input.name), "it must be a string or an array of items");
  InputReading reading(writing);
  append_key(writing.body, "messages");
  writing.body.push_back('[');
  if (instructions.present) {
    std::string_view text;
    if (!writing.read(Path(instructions.name), instructions.value, text)) return false;
    std::string quoted;
    append_string(quoted, text);
    reading.write_message("system", quoted);
  }
  if (!read_input(input, reading, writing)) return false;
  if (!reading.any())
    return writing.refuse(Path(input.name), "`input` has no item; the model must be asked something.");
  writing.body.push_back(']');
  return true;
}

}  // namespace punctual::dialects
