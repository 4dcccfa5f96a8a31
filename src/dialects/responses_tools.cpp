#include "dialects/responses_tools.hpp"

#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

// Members that both formats have, of the same type; null says the same as nothing.
bool copy(const Path& path, const object& from, std::string_view key, simdjson::dom::element_type type,
          std::string_view right, RequestWriting& writing) {
  json::Element value;
  if (!find(from, key, value)) return true;
  const bool fits = type == simdjson::dom::element_type::BOOL ? value.is_bool() : value.type() == type;
  if (!fits) return writing.wrong(path.member(key), value, right);
  append_member(writing.body, key, value);
  return true;
}

bool copy_text(const Path& path, const object& from, std::string_view key, RequestWriting& writing) {
  return copy(path, from, key, simdjson::dom::element_type::STRING, "it must be a string", writing);
}
bool copy_flag(const Path& path, const object& from, std::string_view key, RequestWriting& writing) {
  return copy(path, from, key, simdjson::dom::element_type::BOOL, "it must be true or false", writing);
}
bool copy_object(const Path& path, const object& from, std::string_view key, RequestWriting& writing) {
  return copy(path, from, key, simdjson::dom::element_type::OBJECT, "it must be an object", writing);
}

bool write_tool(const Path& path, const json::Element& value, RequestWriting& writing) {
  object tool;
  std::string_view type;
  std::string_view name;
  if (!writing.read(path, value, tool) || !writing.read_member(path, tool, "type", type)) return false;
  if (type != "function") {
    return writing.wrong(path.member("type"), tool["type"].value_unsafe(),
                         "this model has no built-in tools: only \"function\" can be used");
  }
  if (!writing.read_member(path, tool, "name", name)) return false;
  append_comma(writing.body);
  append_member(writing.body.append(R"({"type":"function","function":{)"), "name", name);
  if (!copy_text(path, tool, "description", writing) || !copy_object(path, tool, "parameters", writing) ||
      !copy_flag(path, tool, "strict", writing))
    return false;
  writing.body.append("}}");
  writing.leave_out_others(tool, "tools.", {"type", "name", "description", "parameters", "strict"});
  return true;
}

bool write_choice(const Member& choice, bool any_tools, RequestWriting& writing) {
  const Path path(choice.name);
  std::string_view mode;
  if (!choice.value.get(mode)) {
    if (mode != "none" && mode != "auto" && mode != "required")
      return writing.wrong(path, choice.value, "it must be \"none\", \"auto\", \"required\" or a function");
    if (any_tools || mode == "required") append_member(writing.body, "tool_choice", mode);
    return true;
  }
  object members;
  std::string_view type;
  std::string_view name;
  if (!writing.read(path, choice.value, members) || !writing.read_member(path, members, "type", type))
    return false;
  if (type != "function")
    return writing.wrong(path.member("type"), members["type"].value_unsafe(), "it must be \"function\"");
  if (!writing.read_member(path, members, "name", name)) return false;
  append_key(writing.body, "tool_choice");
  append_member(writing.body.append(R"({"type":"function","function":{)"), "name", name);
  writing.body.append("}}");
  return true;
}

bool write_schema(const Path& path, const object& format, RequestWriting& writing) {
  std::string_view name;
  object schema;
  if (!writing.read_member(path, format, "name", name)) return false;
  if (!writing.read_member(path, format, "schema", schema)) return false;
  append_key(writing.body, "response_format");
  append_member(writing.body.append(R"({"type":"json_schema","json_schema":{)"), "name", name);
  if (!copy_text(path, format, "description", writing) || !copy_object(path, format, "schema", writing) ||
      !copy_flag(path, format, "strict", writing))
    return false;
  writing.body.append("}}");
  writing.leave_out_others(format, "text.format.", {"type", "name", "description", "schema", "strict"});
  return true;
}

bool write_format(const Path& path, const json::Element& value, RequestWriting& writing) {
  object format;
  std::string_view type;
  if (!writing.read(path, value, format) || !writing.read_member(path, format, "type", type)) return false;
  if (type == "text") return true;
  if (type == "json_schema") return write_schema(path, format, writing);
  if (type != "json_object") {
    return writing.wrong(path.member("type"), format["type"].value_unsafe(),
                         "it must be \"text\", \"json_object\" or \"json_schema\"");
  }
  append_raw_member(writing.body, "response_format", R"({"type":"json_object"})");
  return true;
}

}  // namespace

bool write_tools(const Member& tools, const Member& choice, const Member& parallel, RequestWriting& writing) {
  array items;
  if (tools.present && !writing.read(Path(tools.name), tools.value, items)) return false;
  const bool any_tools = tools.present && items.size() > 0;
  if (any_tools) {
    append_key(writing.body, "tools");
    writing.body.push_back('[');
    const Path path(tools.name);
    std::size_t index = 0;
    for (const auto tool : items)
      if (!write_tool(path.at(index++), tool, writing)) return false;
    writing.body.push_back(']');
  }
  if (choice.present && !write_choice(choice, any_tools, writing)) return false;
  if (!parallel.present) return true;
  bool flag = false;
  if (!writing.read(Path(parallel.name), parallel.value, flag)) return false;
  if (any_tools) append_member(writing.body, parallel.name, parallel.value);
  return true;
}

bool write_text_options(const json::Element& text, RequestWriting& writing) {
  const Path path("text");
  object options;
  json::Element format;
  if (!writing.read(path, text, options)) return false;
  if (find(options, "format", format) && !write_format(path.member("format"), format, writing)) return false;
  if (!copy_text(path, options, "verbosity", writing)) return false;
  writing.leave_out_others(options, "text.", {"format", "verbosity"});
  return true;
}

}  // namespace punctual::dialects
