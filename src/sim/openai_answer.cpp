// Chat completions and (text) completions.
#include "http/sse.hpp"
#include "json/splice.hpp"
#include "sim/script.hpp"
#include "sim/words.hpp"

namespace punctual::sim {

namespace {

bool is_chat(const Ask& ask) {
  return ask.operation == Operation::chat;
}

std::string start_of(const Ask& ask, std::string_view object) {
  return R"({"id":")" + std::string(is_chat(ask) ? "chatcmpl-" : "cmpl-") + std::to_string(ask.number) +
         R"(","object":")" + std::string(object) + R"(","created":)" + std::to_string(ask.created) +
         R"(,"model":)" + ask.model + R"(,"choices":[)";
}

// The scripted ones, or `tool_calls` of the behaviour's: tool1 with {"n":1}, ...
std::vector<ScriptedCall> calls_of(const Ask& ask) {
  if (!ask.calls.empty()) return ask.calls;
  std::vector<ScriptedCall> calls;
  calls.reserve(ask.behaviour.tool_calls);
  for (std::uint64_t i = 1; i <= ask.behaviour.tool_calls; ++i)
    calls.push_back({"tool" + std::to_string(i), R"({"n":)" + std::to_string(i) + "}"});
  return calls;
}

std::string chunk_start(const Ask& ask) {
  return start_of(ask, is_chat(ask) ? "chat.completion.chunk" : "text_completion");
}

std::string finish_reason(const Ask& ask) {
  if (ask.length_reached) return "length";
  return is_chat(ask) && !calls_of(ask).empty() ? "tool_calls" : "stop";
}

std::string usage(const Ask& ask) {
  const auto completion = ask.tokens + ask.behaviour.reasoning;
  std::string text = R"("usage":{"prompt_tokens":)" + std::to_string(ask.prompt_tokens) +
                     R"(,"completion_tokens":)" + std::to_string(completion) + R"(,"total_tokens":)" +
                     std::to_string(ask.prompt_tokens + completion);
  if (ask.behaviour.reasoning > 0) {
    text += R"(,"completion_tokens_details":{"reasoning_tokens":)" + std::to_string(ask.behaviour.reasoning) +
            "}";
  }
  return text + "}";
}

// An event around one member of the delta, open for its text.
Section tokens_section(const Ask& ask, std::string_view member, std::string_view stem, std::uint64_t count) {
  Section section;
  section.before = "data: " + chunk_start(ask);
  section.before +=
      is_chat(ask) ? R"({"index":0,"delta":{")" + std::string(member) + R"(":")" : R"({"index":0,"text":")";
  section.after =
      is_chat(ask) ? R"("},"finish_reason":null}]})" : R"(","logprobs":null,"finish_reason":null}]})";
  section.after += "\n\n";
  section.stem = stem;
  section.count = count;
  return section;
}

std::string delta_event(const Ask& ask, const std::string& delta, const std::string& finish = "null") {
  return "data: " + chunk_start(ask) + R"({"index":0,"delta":{)" + delta + R"(},"finish_reason":)" + finish +
         "}]}\n\n";
}

// Ids are told apart over the rounds of a script, as real servers' are.
std::string call_start(const Ask& ask, const ScriptedCall& call, std::size_t index) {
  std::string id = "call_";
  if (!ask.calls.empty()) id += std::to_string(ask.number) + "_";
  return R"("id":")" + id + std::to_string(index + 1) + R"(","type":"function","function":{"name":)" +
         json::quoted(call.name) + R"(,"arguments":)";
}

std::string tool_events(const Ask& ask) {
  std::string events;
  const auto calls = calls_of(ask);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto start = R"("tool_calls":[{"index":)" + std::to_string(i) + ",";
    events += delta_event(ask, start + call_start(ask, calls[i], i) + R"(""}}])");
    const std::string& arguments = calls[i].arguments;
    const auto pieces =
        ask.calls.empty() ? std::vector<std::string_view>{arguments} : cut_arguments(arguments);
    for (const auto piece : pieces)
      events += delta_event(ask, start + R"("function":{"arguments":)" + json::quoted(piece) + "}}]");
  }
  return events;
}

std::string closing_events(const Ask& ask) {
  const auto reason = "\"" + finish_reason(ask) + "\"";
  std::string events = is_chat(ask) ? delta_event(ask, "", reason)
                                    : "data: " + chunk_start(ask) +
                                          R"({"index":0,"text":"","logprobs":null,"finish_reason":)" +
                                          reason + "}]}\n\n";
  if (ask.include_usage) http::append_sse_event(events, "", chunk_start(ask) + "]," + usage(ask) + "}");
  if (!ask.behaviour.no_done) http::append_sse_event(events, "", "[DONE]");
  return events;
}

std::string tool_member(const Ask& ask) {
  const auto calls = calls_of(ask);
  if (calls.empty()) return {};
  std::string text = R"(,"tool_calls":[)";
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (i > 0) text += ',';
    text += '{';
    text += call_start(ask, calls[i], i);
    text += json::quoted(calls[i].arguments);
    text += "}}";
  }
  return text + "]";
}

}  // namespace

Script openai_script(const Ask& ask) {
  const Behaviour& behaviour = ask.behaviour;
  Script script;
  if (is_chat(ask) && behaviour.reasoning > 0) {
    script.sections.push_back(tokens_section(ask, "reasoning_content", reasoning_stem, behaviour.reasoning));
  }
  script.sections.push_back(tokens_section(ask, "content", content_stem, ask.tokens));
  Section& content = script.sections.back();
  content.from = behaviour.from;
  if (!ask.echo.empty()) {
    content.opening = content.before + ask.echo.substr(1, ask.echo.size() - 2) + content.after;
    content.count = 0;
  }
  if (is_chat(ask)) {
    content.closing = tool_events(ask);
    Section& first = script.sections.front();
    first.opening = delta_event(ask, R"("role":"assistant","content":"")") + first.opening;
  }
  script.closing = closing_events(ask);
  script.empty_delta = is_chat(ask) ? delta_event(ask, R"("content":"")") : content.before + content.after;
  const auto progress_start = is_chat(ask) ? R"({"index":0,"delta":{},"finish_reason":null}],)"
                                           : R"({"index":0,"text":"","finish_reason":null}],)";
  script.progress_before = "data: " + chunk_start(ask) + progress_start +
                           R"("prompt_progress":{"total":1000000,"cache":0,"processed":)";
  script.progress_after = "}}\n\n";
  http::append_sse_event(script.error, "",
                         error_document(ask.operation, 500, "The simulated model failed.", "simulated", ""));
  script.event_bytes = behaviour.bytes;
  return script;
}

Document openai_document(const Ask& ask) {
  Document document;
  std::string& text = document.text;
  text = start_of(ask, is_chat(ask) ? "chat.completion" : "text_completion");
  text += is_chat(ask) ? R"({"index":0,"message":{"role":"assistant","content":")" : R"({"index":0,"text":")";
  document.content = text.size();
  text += ask.echo.empty() ? words(content_stem, ask.tokens, ask.behaviour.from)
                           : ask.echo.substr(1, ask.echo.size() - 2);
  const std::size_t end = text.size();
  text += '"';
  if (is_chat(ask)) {
    if (ask.behaviour.reasoning > 0) {
      text += R"(,"reasoning_content":")" + words(reasoning_stem, ask.behaviour.reasoning) + "\"";
    }
    text += tool_member(ask) + "}";
  }
  text += R"(,"logprobs":null,"finish_reason":")" + finish_reason(ask) + "\"}]";
  if (ask.behaviour.usage.value_or(true)) text += "," + usage(ask);
  text += '}';
  pad_document(document, end, ask.behaviour.bytes);
  return document;
}

}  // namespace punctual::sim
