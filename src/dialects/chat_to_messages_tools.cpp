#include "dialects/chat_to_messages_tools.hpp"

#include "dialects/chat_to_messages_request.hpp"
#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

class Tools {
 public:
  Tools(RequestWriting& writing, const ChatTools& members) : writing_(writing), members_(members) {}

  bool run(bool& forced) {
    if (!read_tools() || !read_choice() || !read_format() || !read_parallel()) return false;
    forced = choice_ == Choice::any || choice_ == Choice::named;
    if (tools_.empty()) {
      if (members_.tool_choice.present) writing_.leave_out("tool_choice");
      return true;
    }
    append_raw_member(writing_.body, "tools", tools_.append("]"));
    if (choice_ == Choice::unsaid && !not_parallel_) return true;
    append_raw_member(writing_.body, "tool_choice", R"({"type":)");
    switch (choice_) {
      case Choice::unsaid:
      case Choice::automatic:
        writing_.body.append(R"("auto")");
        break;
      case Choice::none:
        writing_.body.append(R"("none")");
        break;
      case Choice::any:
        writing_.body.append(R"("any")");
        break;
      case Choice::named:
        writing_.body.append(R"("tool")");
        append_member(writing_.body, "name", name_);
        break;
    }
    if (not_parallel_ && choice_ != Choice::none) {
      append_raw_member(writing_.body, "disable_parallel_tool_use", "true");
    }
    writing_.body.push_back('}');
    return true;
  }

 private:
  enum class Choice : std::uint8_t { unsaid, automatic, none, any, named };

  bool read_tools() {
    array items;
    if (!members_.tools.present) return true;
    const Path path("tools");
    if (!writing_.read(path, members_.tools.value, items)) return false;
    std::size_t index = 0;
    for (const auto item : items) {
      const Path item_path = path.at(index++);
      if (!read_tool(item_path, item)) return false;
    }
    return true;
  }

  void open_tool(std::string_view name) {
    if (tools_.empty()) tools_.push_back('[');
    append_comma(tools_);
    tools_.push_back('{');
    append_member(tools_, "name", name);
  }

  // Anthropic wants the type to be said.
  void close_tool(const object* schema) {
    append_raw_member(tools_, "input_schema", "{");
    std::string_view type;
    if (!schema || !find(*schema, "type", type)) append_member(tools_, "type", "object");
    if (schema) {
      for (const auto [key, value] : *schema)
        if (key != "type" || value.is_string()) append_member(tools_, key, value);
    }
    tools_.append("}}");
  }

  bool is_of_objects(const Path& path, const object& schema) {
    json::Element type;
    std::string_view text;
    if (!find(schema, "type", type) || (!type.get(text) && text == "object")) return true;
    return writing_.wrong(path.member("type"), type, "it must be \"object\"");
  }

  bool read_tool(const Path& path, const json::Element& item) {
    object tool;
    object function;
    std::string_view type;
    std::string_view name;
    json::Element value;
    const Path function_path = path.member("function");
    if (!writing_.read(path, item, tool)) return false;
    if (!writing_.read_member(path, tool, "type", type)) return false;
    if (type != "function") {
      return writing_.wrong(path.member("type"), tool["type"].value_unsafe(),
                            "the upstream of this model takes \"function\" only");
    }
    if (!writing_.read_member(path, tool, "function", function)) return false;
    if (!writing_.read_member(function_path, function, "name", name)) return false;
    if (name == json_answer_tool && members_.response_format.present) {
      return writing_.wrong(function_path.member("name"), function["name"].value_unsafe(),
                            "beside `response_format` this name is taken; use another one");
    }
    writing_.leave_out_others(tool, "tools[].", {"type", "function"});
    writing_.leave_out_others(function, "tools[].function.", {"name", "description", "parameters", "strict"});
    if (find(function, "strict", value)) {
      bool strict = false;
      if (!writing_.read(function_path.member("strict"), value, strict)) return false;
      if (strict) writing_.leave_out("tools[].function.strict");
    }
    open_tool(name);
    if (find(function, "description", value)) {
      std::string_view text;
      if (!writing_.read(function_path.member("description"), value, text)) return false;
      append_member(tools_, "description", text);
    }
    object schema;
    const bool has_schema = find(function, "parameters", value);
    const Path schema_path = function_path.member("parameters");
    if (has_schema && (!writing_.read(schema_path, value, schema) || !is_of_objects(schema_path, schema))) {
      return false;
    }
    close_tool(has_schema ? &schema : nullptr);
    return true;
  }

  bool read_choice() {
    const json::Element& value = members_.tool_choice.value;
    const Path path("tool_choice");
    std::string_view type;
    if (!members_.tool_choice.present) return true;
    if (!value.get(type)) {
      if (type == "auto") {
        choice_ = Choice::automatic;
      } else if (type == "none") {
        choice_ = Choice::none;
      } else if (type == "required") {
        choice_ = Choice::any;
      } else {
        return writing_.wrong(path, value, "it must be \"auto\", \"none\", \"required\" or name a function");
      }
      return true;
    }
    object choice;
    object function;
    const Path function_path = path.member("function");
    if (value.get(choice)) return writing_.wrong(path, value, "it must be a string or an object");
    if (!writing_.read_member(path, choice, "type", type)) return false;
    if (type != "function") {
      return writing_.wrong(path.member("type"), choice["type"].value_unsafe(),
                            "the upstream of this model takes \"function\" only");
    }
    choice_ = Choice::named;
    return writing_.read_member(path, choice, "function", function) &&
           writing_.read_member(function_path, function, "name", name_);
  }

  bool read_parallel() {
    bool parallel = true;
    const Member& member = members_.parallel_tool_calls;
    if (member.present && !writing_.read(Path(member.name), member.value, parallel)) return false;
    if (!parallel) not_parallel_ = true;
    return true;
  }

  bool read_format() {
    const Member& member = members_.response_format;
    object format;
    std::string_view type;
    const Path path("response_format");
    if (!member.present) return true;
    if (!writing_.read(path, member.value, format)) return false;
    if (!writing_.read_member(path, format, "type", type)) return false;
    if (type == "text") return true;
    if (type != "json_object" && type != "json_schema") {
      return writing_.wrong(path.member("type"), format["type"].value_unsafe(),
                            R"(it must be "text", "json_object" or "json_schema")");
    }
    object described_schema;
    object schema;
    bool has_schema = false;
    const Path inner_path = path.member("json_schema");
    if (type == "json_schema") {
      if (!writing_.read_member(path, format, "json_schema", described_schema)) return false;
      if (json::Element value; find(described_schema, "schema", value)) {
        const Path schema_path = inner_path.member("schema");
        has_schema = true;
        if (!writing_.read(schema_path, value, schema) || !is_of_objects(schema_path, schema)) return false;
      }
    }
    // An answer that must be a call of the client's tool has no content whose format would matter.
    if (choice_ == Choice::any || choice_ == Choice::named) {
      writing_.leave_out("response_format");
      return true;
    }
    if (type == "json_schema") {
      writing_.leave_out_others(described_schema, "response_format.json_schema.",
                                {"schema", "name", "description"});
    }
    const bool alone = tools_.empty() || choice_ == Choice::none;
    std::string_view description = "Gives the answer to the user, as a JSON object. Use it for every answer.";
    open_tool(json_answer_tool);
    if (type == "json_schema") (void)find(described_schema, "description", description);
    append_member(tools_, "description", description);
    close_tool(has_schema ? &schema : nullptr);
    choice_ = alone ? Choice::named : Choice::any;
    name_ = json_answer_tool;
    // Two answers would be no JSON.
    not_parallel_ = true;
    writing_.answer.wants_json = true;
    return true;
  }

  RequestWriting& writing_;
  const ChatTools& members_;
  std::string tools_;
  Choice choice_ = Choice::unsaid;
  std::string_view name_;
  bool not_parallel_ = false;
};

}  // namespace

bool write_messages_tools(RequestWriting& writing, const ChatTools& members, bool& forced) {
  return Tools(writing, members).run(forced);
}

}  // namespace punctual::dialects
