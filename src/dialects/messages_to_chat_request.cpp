#include "dialects/messages_to_chat_request.hpp"

#include <array>

#include "dialects/json_text.hpp"
#include "dialects/messages_to_chat_turns.hpp"

namespace punctual::dialects {

namespace {

enum Name : std::size_t {
  system_prompt,
  messages,
  max_tokens,
  metadata,
  stop_sequences,
  stream,
  temperature,
  top_p,
  tools,
  tool_choice,
  thinking,
  output_config,
  output_format,
  mcp_servers,
  container,
  names_count
};

class Translation {
 public:
  explicit Translation(RequestWriting& writing) : writing_(writing), out_(writing.body) {}

  bool run(const object& request, std::string_view upstream_model) {
    if (!find_members(request, members_, writing_)) return false;
    out_.push_back('{');
    append_member(out_, "model", upstream_model);
    if (!write_turns() || !write_limits() || !write_metadata() || !write_stop() || !write_tools() ||
        !write_tool_choice() || !write_effort() || !write_format() || !write_stream()) {
      return false;
    }
    out_.push_back('}');
    return true;
  }

 private:
  const Member& get(Name name) const { return members_[name]; }
  static Path path(const Member& member) { return Path(member.name); }

  bool write_turns() {
    for (const Name name : {mcp_servers, container}) {
      array items;
      const Member& member = get(name);
      if (!member.present || (!member.value.get(items) && items.size() == 0)) continue;
      return writing_.wrong(path(member), member.value, "the upstream of this model has no such thing");
    }
    if (!get(messages).present) return writing_.missing(Path("messages"), "it must be an array of messages");
    append_raw_member(out_, "messages", "[");
    if (get(system_prompt).present && !write_chat_system(writing_, get(system_prompt).value)) return false;
    if (!write_chat_messages(writing_, get(messages).value)) return false;
    out_.push_back(']');
    return true;
  }

  bool write_limits() {
    if (const Member& member = get(max_tokens); member.present) {
      std::uint64_t count = 0;
      if (!writing_.read_count(path(member), member.value, count)) return false;
      append_member(out_, "max_tokens", count);
    }
    for (const Name name : {temperature, top_p}) {
      const Member& member = get(name);
      double number = 0;
      if (!member.present) continue;
      if (!writing_.read_number(path(member), member.value, number)) return false;
      append_member(out_, member.name, member.value);
    }
    return true;
  }

  bool write_metadata() {
    const Member& member = get(metadata);
    object inner;
    if (!member.present) return true;
    if (!writing_.read(path(member), member.value, inner)) return false;
    writing_.leave_out_others(inner, "metadata.", {"user_id"});
    json::Element value;
    std::string_view user;
    if (!find(inner, "user_id", value)) return true;
    const Path parent = path(member);
    if (!writing_.read(parent.member("user_id"), value, user)) return false;
    append_member(out_, "user", user);
    return true;
  }

  bool write_stop() {
    const Member& member = get(stop_sequences);
    constexpr std::size_t count_max = 4;
    array items;
    if (!member.present) return true;
    const Path parent = path(member);
    if (!writing_.read(parent, member.value, items)) return false;
    if (items.size() == 0) return true;
    if (items.size() > count_max) {
      return writing_.refuse(parent, "`stop_sequences` has " + std::to_string(items.size()) +
                                         " items; the upstream of this model takes at most 4.");
    }
    append_raw_member(out_, "stop", "[");
    std::size_t index = 0;
    for (const auto item : items) {
      std::string_view text;
      if (!writing_.read(parent.at(index++), item, text)) return false;
      append_comma(out_);
      append_string(out_, text);
    }
    out_.push_back(']');
    return true;
  }

  bool write_tools() {
    const Member& member = get(tools);
    array items;
    if (!member.present) return true;
    const Path parent = path(member);
    if (!writing_.read(parent, member.value, items)) return false;
    if (items.size() == 0) return true;
    has_tools_ = true;
    append_raw_member(out_, "tools", "[");
    std::size_t index = 0;
    for (const auto item : items) {
      const Path item_path = parent.at(index++);
      if (!write_tool(item_path, item)) return false;
    }
    out_.push_back(']');
    return true;
  }

  bool write_tool(const Path& item_path, const json::Element& item) {
    object tool;
    std::string_view name;
    object schema;
    json::Element value;
    if (!writing_.read(item_path, item, tool)) return false;
    if (find(tool, "type", value)) {
      std::string_view type;
      if (!writing_.read(item_path.member("type"), value, type)) return false;
      if (type != "custom") {
        return writing_.wrong(item_path.member("type"), value,
                              "Anthropic's own tools do not exist at the upstream of this model, only "
                              "\"custom\" ones do");
      }
    }
    if (!writing_.read_member(item_path, tool, "name", name)) return false;
    if (!writing_.read_member(item_path, tool, "input_schema", schema)) return false;
    append_comma(out_);
    out_.append(R"({"type":"function","function":{)");
    append_member(out_, "name", name);
    if (find(tool, "description", value)) {
      std::string_view text;
      if (!writing_.read(item_path.member("description"), value, text)) return false;
      append_member(out_, "description", text);
    }
    append_member(out_, "parameters", schema);
    if (find(tool, "strict", value)) {
      bool strict = false;
      if (!writing_.read(item_path.member("strict"), value, strict)) return false;
      append_raw_member(out_, "strict", strict ? "true" : "false");
    }
    out_.append("}}");
    writing_.leave_out_others(tool, "tools[].", {"type", "name", "description", "input_schema", "strict"});
    return true;
  }

  bool write_tool_choice() {
    const Member& member = get(tool_choice);
    object choice;
    std::string_view type;
    if (!member.present) return true;
    const Path parent = path(member);
    if (!writing_.read(parent, member.value, choice)) return false;
    if (!writing_.read_member(parent, choice, "type", type)) return false;
    std::string text;
    if (type == "auto" || type == "none") {
      append_string(text, type);
    } else if (type == "any") {
      text = R"("required")";
    } else if (type == "tool") {
      std::string_view name;
      if (!writing_.read_member(parent, choice, "name", name)) return false;
      text = R"({"type":"function","function":{)";
      append_member(text, "name", name);
      text.append("}}");
    } else {
      return writing_.wrong(parent.member("type"), choice["type"].value_unsafe(),
                            "it must be \"auto\", \"any\", \"tool\" or \"none\"");
    }
    json::Element value;
    bool not_parallel = false;
    if (find(choice, "disable_parallel_tool_use", value) &&
        !writing_.read(parent.member("disable_parallel_tool_use"), value, not_parallel)) {
      return false;
    }
    if (!has_tools_) {
      writing_.leave_out("tool_choice");
      return true;
    }
    append_raw_member(out_, "tool_choice", text);
    if (not_parallel) append_raw_member(out_, "parallel_tool_calls", "false");
    writing_.leave_out_others(choice, "tool_choice.", {"type", "name", "disable_parallel_tool_use"});
    return true;
  }

  bool write_effort() {
    constexpr std::uint64_t medium_from_tokens = 4096;
    constexpr std::uint64_t high_from_tokens = 16384;
    std::string_view effort;
    bool disabled = false;
    if (const Member& member = get(thinking); member.present) {
      object inner;
      std::string_view type;
      const Path parent = path(member);
      if (!writing_.read(parent, member.value, inner)) return false;
      if (!writing_.read_member(parent, inner, "type", type)) return false;
      writing_.leave_out_others(inner, "thinking.", {"type", "budget_tokens"});
      if (type == "enabled") {
        json::Element value;
        std::uint64_t budget = 0;
        const Path budget_path = parent.member("budget_tokens");
        if (!find(inner, "budget_tokens", value))
          return writing_.missing(budget_path, "it must be a number of tokens");
        if (!writing_.read_count(budget_path, value, budget)) return false;
        effort = budget < medium_from_tokens ? "low" : budget < high_from_tokens ? "medium" : "high";
      } else if (type == "adaptive") {
        effort = "medium";
      } else if (type == "disabled") {
        disabled = true;
      } else {
        return writing_.wrong(parent.member("type"), inner["type"].value_unsafe(),
                              "it must be \"enabled\", \"adaptive\" or \"disabled\"");
      }
    }
    if (!read_wanted_effort(effort)) return false;
    if (!disabled && !effort.empty()) append_member(out_, "reasoning_effort", effort);
    return true;
  }

  bool read_wanted_effort(std::string_view& effort) {
    const Member& member = get(output_config);
    object inner;
    json::Element value;
    if (!member.present) return true;
    const Path parent = path(member);
    if (!writing_.read(parent, member.value, inner)) return false;
    writing_.leave_out_others(inner, "output_config.", {"effort", "format"});
    if (!find(inner, "effort", value)) return true;
    const Path effort_path = parent.member("effort");
    if (!writing_.read(effort_path, value, effort)) return false;
    // Two levels that few models of a chat upstream have.
    if (effort == "xhigh" || effort == "max") effort = "high";
    return effort == "low" || effort == "medium" || effort == "high" ||
           writing_.wrong(effort_path, value, R"(it must be "low", "medium", "high", "xhigh" or "max")");
  }

  // `output_config.format`, and `output_format` as it was called in its beta.
  bool write_format() {
    const Member& beta = get(output_format);
    if (get(output_config).present) {
      object inner;
      json::Element value;
      const Path parent = path(get(output_config));
      if (!get(output_config).value.get(inner) && find(inner, "format", value)) {
        if (beta.present) {
          return writing_.refuse(path(beta), "`output_format` stands beside `output_config.format`.");
        }
        return write_format(parent.member("format"), value);
      }
    }
    return !beta.present || write_format(path(beta), beta.value);
  }

  bool write_format(const Path& format_path, const json::Element& value) {
    object format;
    std::string_view type;
    object schema;
    if (!writing_.read(format_path, value, format)) return false;
    if (!writing_.read_member(format_path, format, "type", type)) return false;
    if (type != "json_schema") {
      return writing_.wrong(format_path.member("type"), format["type"].value_unsafe(),
                            "it must be \"json_schema\"");
    }
    if (!writing_.read_member(format_path, format, "schema", schema)) return false;
    std::string_view name = "answer";
    (void)find(format, "name", name);
    append_raw_member(out_, "response_format", R"({"type":"json_schema","json_schema":{)");
    append_member(out_, "name", name);
    append_raw_member(out_, "strict", "true");
    append_member(out_, "schema", schema);
    out_.append("}}");
    return true;
  }

  bool write_stream() {
    const Member& member = get(stream);
    if (!member.present) return true;
    if (!writing_.read(path(member), member.value, writing_.answer.stream)) return false;
    if (writing_.answer.stream) out_.append(R"(,"stream":true,"stream_options":{"include_usage":true})");
    return true;
  }

  RequestWriting& writing_;
  std::string& out_;
  bool has_tools_ = false;
  std::array<Member, names_count> members_ = {{{.name = "system"},
                                               {.name = "messages"},
                                               {.name = "max_tokens"},
                                               {.name = "metadata"},
                                               {.name = "stop_sequences"},
                                               {.name = "stream"},
                                               {.name = "temperature"},
                                               {.name = "top_p"},
                                               {.name = "tools"},
                                               {.name = "tool_choice"},
                                               {.name = "thinking"},
                                               {.name = "output_config"},
                                               {.name = "output_format"},
                                               {.name = "mcp_servers"},
                                               {.name = "container"}}};
};

}  // namespace

RequestTranslation chat_request_of_messages(std::string& body, std::string_view upstream_model,
                                            json::Reader& reader) {
  return translate_body(body, reader, [&](RequestWriting& writing, const object& request) {
    return Translation(writing).run(request, upstream_model);
  });
}

}  // namespace punctual::dialects
