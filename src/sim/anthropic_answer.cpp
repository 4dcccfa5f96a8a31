// Anthropic messages.
#include "http/sse.hpp"
#include "sim/script.hpp"
#include "sim/words.hpp"

namespace punctual::sim {

namespace {

constexpr std::string_view ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n";

std::string event(std::string_view name, const std::string& members) {
  std::string text;
  http::append_sse_event(text, name, R"({"type":")" + std::string(name) + "\"" + members + "}");
  return text;
}

std::string stop_reason(const Ask& ask) {
  if (ask.length_reached) return "max_tokens";
  return ask.behaviour.tool_calls > 0 ? "tool_use" : "end_turn";
}

std::string output_tokens(const Ask& ask) {
  return R"("output_tokens":)" + std::to_string(ask.tokens + ask.behaviour.reasoning);
}

std::string message_start(const Ask& ask) {
  return R"("id":"msg_)" + std::to_string(ask.number) + R"(","type":"message","role":"assistant","model":)" +
         ask.model;
}

std::string block_start(std::size_t index, const std::string& block) {
  return event("content_block_start",
               R"(,"index":)" + std::to_string(index) + R"(,"content_block":{)" + block + "}");
}

std::string block_stop(std::size_t index) {
  return event("content_block_stop", R"(,"index":)" + std::to_string(index));
}

std::string tool_use(std::uint64_t index) {
  const auto number = std::to_string(index + 1);
  return R"("type":"tool_use","id":"toolu_)" + number + R"(","name":"tool)" + number + R"(","input":)";
}

// A block of tokens: `kind` is "text" or "thinking".
Section block(std::size_t index, std::string_view kind, std::string_view stem, std::uint64_t count) {
  const std::string name(kind);
  Section section;
  section.opening = block_start(index, R"("type":")" + name + R"(",")" + name + R"(":"")");
  section.before = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":" +
                   std::to_string(index) + R"(,"delta":{"type":")" + name + R"(_delta",")" + name + R"(":")";
  section.after = "\"}}\n\n";
  section.closing = block_stop(index);
  section.stem = stem;
  section.count = count;
  return section;
}

std::string tool_events(const Ask& ask, std::size_t index) {
  std::string events;
  for (std::uint64_t i = 0; i < ask.behaviour.tool_calls; ++i, ++index) {
    events += block_start(index, tool_use(i) + "{}");
    events +=
        event("content_block_delta", R"(,"index":)" + std::to_string(index) +
                                         R"(,"delta":{"type":"input_json_delta","partial_json":"{\"n\":)" +
                                         std::to_string(i + 1) + R"(}"})");
    events += block_stop(index);
  }
  return events;
}

}  // namespace

Script anthropic_script(const Ask& ask) {
  const Behaviour& behaviour = ask.behaviour;
  Script script;
  if (behaviour.reasoning > 0)
    script.sections.push_back(block(0, "thinking", reasoning_stem, behaviour.reasoning));
  script.sections.push_back(block(script.sections.size(), "text", content_stem, ask.tokens));
  Section& content = script.sections.back();
  content.from = behaviour.from;
  if (!ask.echo.empty()) {
    content.opening += content.before + ask.echo.substr(1, ask.echo.size() - 2) + content.after;
    content.count = 0;
  }
  content.closing += tool_events(ask, script.sections.size());

  Section& first = script.sections.front();
  first.opening =
      event("message_start", R"(,"message":{)" + message_start(ask) +
                                 R"(,"content":[],"stop_reason":null,"stop_sequence":null,"usage":{)" +
                                 R"("input_tokens":)" + std::to_string(ask.prompt_tokens) +
                                 R"(,"output_tokens":1}})") +
      first.opening;
  first.opening += ping;
  script.closing =
      event("message_delta", R"(,"delta":{"stop_reason":")" + stop_reason(ask) +
                                 R"(","stop_sequence":null},"usage":{)" + output_tokens(ask) + "}");
  if (!behaviour.no_done) script.closing += event("message_stop", "");
  script.empty_delta = ping;
  script.progress_before = "event: ping\ndata: {\"type\":\"ping\",\"processed\":";
  script.progress_after = "}\n\n";
  http::append_sse_event(script.error, "error",
                         error_document(ask.operation, 500, "The simulated model failed.", "", ""));
  script.event_bytes = behaviour.bytes;
  return script;
}

Document anthropic_document(const Ask& ask) {
  Document document;
  std::string& text = document.text;
  text = "{" + message_start(ask) + R"(,"content":[)";
  if (ask.behaviour.reasoning > 0) {
    text += R"({"type":"thinking","thinking":")" + words(reasoning_stem, ask.behaviour.reasoning) +
            R"(","signature":"simulated"},)";
  }
  text += R"({"type":"text","text":")";
  document.content = text.size();
  text += ask.echo.empty() ? words(content_stem, ask.tokens, ask.behaviour.from)
                           : ask.echo.substr(1, ask.echo.size() - 2);
  const std::size_t end = text.size();
  text += "\"}";
  for (std::uint64_t i = 0; i < ask.behaviour.tool_calls; ++i)
    text += ",{" + tool_use(i) + R"({"n":)" + std::to_string(i + 1) + "}}";
  text += R"(],"stop_reason":")" + stop_reason(ask) + R"(","stop_sequence":null,"usage":{"input_tokens":)" +
          std::to_string(ask.prompt_tokens) + "," + output_tokens(ask) + "}}";
  pad_document(document, end, ask.behaviour.bytes);
  return document;
}

}  // namespace punctual::sim
