#include "dialects/chat_to_messages_request.hpp"

#include <algorithm>
#include <array>

#include "dialects/chat_to_messages_tools.hpp"
#include "dialects/chat_to_messages_turns.hpp"
#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

constexpr std::uint64_t max_tokens_default = 8192;
constexpr std::uint64_t thinking_tokens_min = 1024;

enum Name : std::size_t {
  messages,
  max_tokens,
  max_completion_tokens,
  temperature,
  top_p,
  top_k,
  stop,
  stream,
  stream_options,
  tools,
  tool_choice,
  parallel_tool_calls,
  response_format,
  reasoning_effort,
  thinking,
  user,
  safety_identifier,
  count,
  logprobs,
  top_logprobs,
  logit_bias,
  audio,
  modalities,
  web_search_options,
  functions,
  function_call,
  seed,
  frequency_penalty,
  presence_penalty,
  names_count
};

class Translation {
 public:
  explicit Translation(RequestWriting& writing) : writing_(writing), out_(writing.body) {}

  bool run(const object& request, std::string_view upstream_model) {
    if (!find_members(request, members_, writing_) || !check_refused()) return false;
    out_.push_back('{');
    append_member(out_, "model", upstream_model);
    if (!write_turns() || !read_max_tokens() || !write_tools() || !write_thinking() || !write_sampling() ||
        !write_stop() || !write_user() || !write_stream()) {
      return false;
    }
    append_member(out_, "max_tokens", max_tokens_);
    out_.push_back('}');
    return true;
  }

 private:
  const Member& get(Name name) const { return members_[name]; }
  static Path path(const Member& member) { return Path(member.name); }

  bool refuse(const Member& member) {
    return writing_.wrong(path(member), member.value, "the upstream of this model cannot do it");
  }

  static bool is_nothing(const json::Element& value) {
    bool flag = false;
    double number = 0;
    object members;
    array items;
    if (!value.get(flag)) return !flag;
    if (!value.get(number)) return number == 0;
    if (!value.get(members)) return members.size() == 0;
    return !value.get(items) && items.size() == 0;
  }

  // What changes the answer so that it would be wrong to go on without it.
  bool check_refused() {
    for (const Name name : {logprobs, top_logprobs, logit_bias, audio, functions}) {
      if (get(name).present && !is_nothing(get(name).value)) return refuse(get(name));
    }
    for (const Name name : {web_search_options, function_call}) {
      if (get(name).present) return refuse(get(name));
    }
    for (const Name name : {seed, frequency_penalty, presence_penalty}) {
      if (!get(name).present) continue;
      double number = 0;
      if (!writing_.read_number(path(get(name)), get(name).value, number)) return false;
      if (name == seed || number != 0) writing_.leave_out(get(name).name);
    }
    if (const Member& member = get(count); member.present) {
      std::uint64_t number = 0;
      if (!writing_.read_count(path(member), member.value, number)) return false;
      if (number != 1) return writing_.wrong(path(member), member.value, "the upstream takes 1 only");
    }
    if (const Member& member = get(modalities); member.present) {
      array items;
      if (!writing_.read(path(member), member.value, items)) return false;
      for (const auto item : items) {
        std::string_view text;
        if (item.get(text) || text != "text") {
          return writing_.wrong(path(member), item, "the upstream of this model answers with \"text\" only");
        }
      }
    }
    return true;
  }

  bool write_turns() {
    if (!get(messages).present) return writing_.missing(Path("messages"), "it must be an array of messages");
    MessagesTurns turns;
    if (!read_chat_turns(writing_, get(messages).value, turns)) return false;
    answers_tools_ = turns.answers_tools;
    if (!turns.system.empty()) append_member(out_, "system", std::string_view(turns.system));
    append_raw_member(out_, "messages", turns.messages);
    return true;
  }

  bool read_max_tokens() {
    for (const Name name : {max_tokens, max_completion_tokens}) {
      const Member& member = get(name);
      if (!member.present) continue;
      if (!writing_.read_count(path(member), member.value, max_tokens_)) return false;
      bounded_ = true;
    }
    return true;
  }

  bool write_tools() {
    return write_messages_tools(writing_,
                                {.tools = get(tools),
                                 .tool_choice = get(tool_choice),
                                 .parallel_tool_calls = get(parallel_tool_calls),
                                 .response_format = get(response_format)},
                                forced_);
  }

  // `thinking` is Anthropic's own member, which its OpenAI-compatible layer takes too.
  bool write_thinking() {
    if (const Member& member = get(thinking); member.present) {
      object inner;
      if (!writing_.read(path(member), member.value, inner)) return false;
      append_member(out_, "thinking", inner);
      std::string_view type;
      thinks_ = find(inner, "type", type) && type != "disabled";
      std::uint64_t budget = 0;
      if (!bounded_ && !inner["budget_tokens"].get(budget) && budget < std::uint64_t{1} << 32) {
        max_tokens_ += budget;
      }
      if (get(reasoning_effort).present) writing_.leave_out("reasoning_effort");
      return true;
    }
    const Member& member = get(reasoning_effort);
    std::string_view effort;
    if (!member.present) return true;
    if (!writing_.read(path(member), member.value, effort)) return false;
    struct Level {
      std::string_view name;
      std::uint64_t tokens;
    };
    constexpr Level levels[] = {{"none", 0},      {"minimal", 1024}, {"low", 1024},
                                {"medium", 4096}, {"high", 16384},   {"xhigh", 32768}};
    const auto* const level = std::ranges::find(levels, effort, &Level::name);
    if (level == std::end(levels)) {
      return writing_.wrong(path(member), member.value,
                            R"(it must be "none", "minimal", "low", "medium", "high" or "xhigh")");
    }
    if (level->tokens == 0) return true;
    const std::uint64_t budget = bounded_ ? std::min(level->tokens, max_tokens_ / 2) : level->tokens;
    if (forced_ || answers_tools_ || budget < thinking_tokens_min) {
      writing_.leave_out("reasoning_effort");
      return true;
    }
    thinks_ = true;
    if (!bounded_) max_tokens_ += budget;
    append_raw_member(out_, "thinking", R"({"type":"enabled")");
    append_member(out_, "budget_tokens", budget);
    out_.push_back('}');
    return true;
  }

  bool write_sampling() {
    if (const Member& member = get(temperature); member.present) {
      double number = 0;
      if (!writing_.read_number(path(member), member.value, number)) return false;
      if (thinks_ || number > 1) writing_.leave_out("temperature");
      if (!thinks_ && number > 1) append_raw_member(out_, "temperature", "1");
      if (!thinks_ && number <= 1) append_member(out_, "temperature", member.value);
    }
    if (const Member& member = get(top_p); member.present) {
      constexpr double thinking_min = 0.95;
      double number = 0;
      if (!writing_.read_number(path(member), member.value, number)) return false;
      if (thinks_ && number < thinking_min) {
        writing_.leave_out("top_p");
      } else {
        append_member(out_, "top_p", member.value);
      }
    }
    if (const Member& member = get(top_k); member.present) {
      double number = 0;
      if (!writing_.read_number(path(member), member.value, number)) return false;
      // Below 1 it means "all of them" where it is known at all.
      if (thinks_ || number < 1) {
        writing_.leave_out("top_k");
      } else {
        append_member(out_, "top_k", member.value);
      }
    }
    return true;
  }

  bool write_stop() {
    const Member& member = get(stop);
    const Path parent = path(member);
    std::string_view text;
    array items;
    if (!member.present) return true;
    if (!member.value.get(text)) {
      append_raw_member(out_, "stop_sequences", "[");
      append_string(out_, text);
      out_.push_back(']');
      return true;
    }
    if (member.value.get(items)) {
      return writing_.wrong(parent, member.value, "it must be a string or an array of strings");
    }
    if (items.size() == 0) return true;
    append_raw_member(out_, "stop_sequences", "[");
    std::size_t index = 0;
    for (const auto item : items) {
      if (!writing_.read(parent.at(index++), item, text)) return false;
      append_comma(out_);
      append_string(out_, text);
    }
    out_.push_back(']');
    return true;
  }

  // `safety_identifier` is what `user` is called now.
  bool write_user() {
    const Member& member = get(safety_identifier).present ? get(safety_identifier) : get(user);
    std::string_view text;
    if (!member.present) return true;
    if (!writing_.read(path(member), member.value, text)) return false;
    append_raw_member(out_, "metadata", "{");
    append_member(out_, "user_id", text);
    out_.push_back('}');
    return true;
  }

  bool write_stream() {
    if (const Member& member = get(stream); member.present) {
      if (!writing_.read(path(member), member.value, writing_.answer.stream)) return false;
      if (writing_.answer.stream) append_raw_member(out_, "stream", "true");
    }
    const Member& member = get(stream_options);
    object options;
    json::Element value;
    if (!member.present) return true;
    const Path parent = path(member);
    if (!writing_.read(parent, member.value, options)) return false;
    writing_.leave_out_others(options, "stream_options.", {"include_usage"});
    return !find(options, "include_usage", value) ||
           writing_.read(parent.member("include_usage"), value, writing_.answer.include_usage);
  }

  RequestWriting& writing_;
  std::string& out_;
  std::uint64_t max_tokens_ = max_tokens_default;
  bool bounded_ = false;  // by the client
  bool forced_ = false;   // to use a tool
  bool answers_tools_ = false;
  bool thinks_ = false;
  std::array<Member, names_count> members_ = {{{.name = "messages"},
                                               {.name = "max_tokens"},
                                               {.name = "max_completion_tokens"},
                                               {.name = "temperature"},
                                               {.name = "top_p"},
                                               {.name = "top_k"},
                                               {.name = "stop"},
                                               {.name = "stream"},
                                               {.name = "stream_options"},
                                               {.name = "tools"},
                                               {.name = "tool_choice"},
                                               {.name = "parallel_tool_calls"},
                                               {.name = "response_format"},
                                               {.name = "reasoning_effort"},
                                               {.name = "thinking"},
                                               {.name = "user"},
                                               {.name = "safety_identifier"},
                                               {.name = "n"},
                                               {.name = "logprobs"},
                                               {.name = "top_logprobs"},
                                               {.name = "logit_bias"},
                                               {.name = "audio"},
                                               {.name = "modalities"},
                                               {.name = "web_search_options"},
                                               {.name = "functions"},
                                               {.name = "function_call"},
                                               {.name = "seed"},
                                               {.name = "frequency_penalty"},
                                               {.name = "presence_penalty"}}};
};

}  // namespace

RequestTranslation messages_request_of_chat(std::string& body, std::string_view upstream_model,
                                            json::Reader& reader) {
  return translate_body(body, reader, [&](RequestWriting& writing, const object& request) {
    return Translation(writing).run(request, upstream_model);
  });
}

}  // namespace punctual::dialects
