#include "dialects/responses_request.hpp"

#include <algorithm>
#include <iterator>

#include "dialects/json_text.hpp"
#include "dialects/request_writing.hpp"
#include "dialects/responses_input.hpp"
#include "dialects/responses_tools.hpp"

namespace punctual::dialects {

namespace {

// What the upstream would have to keep, or to find again.
bool refuse_state(const Member& member, RequestWriting& writing) {
  bool flag = false;
  const Path path(member.name);
  const std::string name(member.name);
  if (member.name == "store" || member.name == "background") {
    if (!writing.read(path, member.value, flag)) return false;
    if (!flag) return true;
    return writing.refuse(path,
                          member.name == "store"
                              ? "`store` is true; this model's answers are not stored: send `store: "
                                "false`, and the whole conversation in `input`."
                              : "`background` is true; this model only answers while the client waits.");
  }
  if (member.name == "prompt")
    return writing.refuse(path,
                          "`prompt` is set; this model knows no stored prompts: send `instructions` and "
                          "`input`.");
  return writing.refuse(path, "`" + name +
                                  "` is set; this model is served stateless: send the whole "
                                  "conversation in `input`.");
}

bool read_include(const Member& member, RequestWriting& writing) {
  array items;
  const Path path(member.name);
  if (!writing.read(path, member.value, items)) return false;
  std::size_t index = 0;
  for (const auto item : items) {
    std::string_view what;
    const Path at = path.at(index++);
    if (!writing.read(at, item, what)) return false;
    if (what != "reasoning.encrypted_content")
      return writing.wrong(at, item, "this model can only be asked for \"reasoning.encrypted_content\"");
    writing.leave_out("include.reasoning.encrypted_content");
  }
  return true;
}

bool read_truncation(const Member& member, RequestWriting& writing) {
  std::string_view text;
  if (!writing.read(Path(member.name), member.value, text)) return false;
  if (text != "auto" && text != "disabled")
    return writing.wrong(Path(member.name), member.value, "it must be \"disabled\" or \"auto\"");
  if (text == "auto") writing.leave_out(member.name);
  return true;
}

bool write_number(const Member& member, RequestWriting& writing) {
  double number = 0;
  std::uint64_t count = 0;
  if (member.name == "top_logprobs") {
    if (!writing.read_count(Path(member.name), member.value, count)) return false;
    return count == 0 || writing.wrong(Path(member.name), member.value,
                                       "log probabilities cannot be had from this model: leave it out");
  }
  if (member.name == "max_output_tokens") {
    if (!writing.read_count(Path(member.name), member.value, count)) return false;
    if (count == 0)
      return writing.wrong(Path(member.name), member.value, "it must be a whole number of 1 or more");
    append_member(writing.body, "max_tokens", count);
    return true;
  }
  if (!writing.read_number(Path(member.name), member.value, number)) return false;
  append_member(writing.body, member.name, member.value);
  return true;
}

bool write_stream(const Member& member, RequestWriting& writing) {
  if (!writing.read(Path(member.name), member.value, writing.answer.stream)) return false;
  if (writing.answer.stream) writing.body.append(R"(,"stream":true,"stream_options":{"include_usage":true})");
  return true;
}

bool write_reasoning(const Member& member, RequestWriting& writing) {
  object reasoning;
  const Path path(member.name);
  if (!writing.read(path, member.value, reasoning)) return false;
  json::Element effort;
  std::string_view text;
  if (find(reasoning, "effort", effort)) {
    if (!writing.read(path.member("effort"), effort, text)) return false;
    append_member(writing.body, "reasoning_effort", text);
  }
  writing.leave_out_others(reasoning, "reasoning.", {"effort"});
  return true;
}

bool write_user(const Member& member, RequestWriting& writing) {
  std::string_view text;
  if (!writing.read(Path(member.name), member.value, text)) return false;
  append_member(writing.body, member.name, text);
  return true;
}

bool leave_out_member(const Member& member, RequestWriting& writing) {
  object members;
  if (member.name == "metadata" && !writing.read(Path(member.name), member.value, members)) return false;
  if (member.name == "stream_options") {
    if (!writing.read(Path(member.name), member.value, members)) return false;
    writing.leave_out_others(members, "stream_options.", {});
    return true;
  }
  writing.leave_out(member.name);
  return true;
}

enum Known : unsigned char {
  at_input,
  at_instructions,
  at_tools,
  at_tool_choice,
  at_parallel_tool_calls,
  at_text,
  at_handled
};

struct Handled {
  std::string_view name;
  bool (*write)(const Member&, RequestWriting&);
};
// After those of `Known`.
constexpr Handled handled[] = {
    {"store", refuse_state},         {"background", refuse_state},
    {"prompt", refuse_state},        {"previous_response_id", refuse_state},
    {"conversation", refuse_state},  {"include", read_include},
    {"truncation", read_truncation}, {"max_output_tokens", write_number},
    {"temperature", write_number},   {"top_p", write_number},
    {"top_logprobs", write_number},  {"stream", write_stream},
    {"reasoning", write_reasoning},  {"user", write_user},
    {"metadata", leave_out_member},  {"stream_options", leave_out_member},
};

// The request's members that its answer repeats, with the vendor's defaults.
struct Repeated {
  std::string_view name;
  std::string_view otherwise;  // empty: only what was sent
};
constexpr Repeated repeated[] = {
    {"instructions", "null"},
    {"max_output_tokens", "null"},
    {"metadata", "{}"},
    {"parallel_tool_calls", "true"},
    {"reasoning", R"({"effort":null,"summary":null})"},
    {"temperature", "null"},
    {"text", R"({"format":{"type":"text"}})"},
    {"tool_choice", R"("auto")"},
    {"tools", "[]"},
    {"top_p", "null"},
    {"truncation", R"("disabled")"},
    {"user", ""},
};

std::string repeated_members(std::span<const Member> members) {
  std::string text;
  for (const auto& [name, otherwise] : repeated) {
    const auto found = std::ranges::find(members, name, &Member::name);
    if (found->present) {
      append_member(text, name, found->value);
    } else if (!otherwise.empty()) {
      append_raw_member(text, name, otherwise);
    }
  }
  return text;
}

bool write_body(std::span<const Member> members, RequestWriting& writing) {
  if (!write_messages(members[at_instructions], members[at_input], writing)) return false;
  if (!write_tools(members[at_tools], members[at_tool_choice], members[at_parallel_tool_calls], writing))
    return false;
  if (members[at_text].present && !write_text_options(members[at_text].value, writing)) return false;
  for (std::size_t i = 0; i < std::size(handled); ++i) {
    const Member& member = members[at_handled + i];
    if (member.present && !handled[i].write(member, writing)) return false;
  }
  return true;
}

}  // namespace

RequestTranslation chat_request_of_responses(std::string& body, std::string_view upstream_model,
                                             json::Reader& reader) {
  const auto document = reader.read(body);
  if (!document)
    return std::unexpected(http::make_problem(400, "The body is not valid JSON: " + document.error()));
  object request;
  if (document->get(request)) {
    return std::unexpected(
        http::make_problem(400, "The body is " + described(*document) + "; a JSON object is expected."));
  }
  std::vector<Member> members = {{"input"},       {"instructions"},        {"tools"},
                                 {"tool_choice"}, {"parallel_tool_calls"}, {"text"}};
  for (const auto& member : handled)
    members.push_back({member.name});

  RequestWriting writing;
  append_member(writing.body.append("{"), "model", upstream_model);
  if (!find_members(request, members, writing) || !write_body(members, writing))
    return std::unexpected(std::move(writing.problem));
  writing.body.push_back('}');
  std::string_view model;
  if (find(request, "model", model)) writing.answer.model = model;
  writing.answer.repeated_members = repeated_members(members);
  return TranslatedRequest{std::move(writing.body), std::move(writing.left_out), std::move(writing.answer)};
}

}  // namespace punctual::dialects
