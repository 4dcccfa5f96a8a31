#include "dialects/chat_to_messages_document.hpp"

#include "dialects/answer_events.hpp"
#include "dialects/errors.hpp"
#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

// Mistral's parts: texts, and thinking that has texts itself.
void read_parts(const array& parts, ChatScratch& scratch) {
  for (const auto item : parts) {
    object part;
    array inner;
    std::string_view text;
    if (item.get(part)) continue;
    if (find(part, "text", text)) scratch.text.append(text);
    if (!find(part, "thinking", inner)) continue;
    for (const auto thought : inner) {
      object members;
      if (!thought.get(members) && find(members, "text", text)) scratch.reasoning.append(text);
    }
  }
}

void append_tool_use(std::string& out, std::string_view id, const object& function, json::Reader& reader,
                     std::string& problem) {
  std::string_view name;
  json::Element arguments;
  std::string_view text;
  if (!find(function, "name", name)) problem = "a tool call without the name of the tool";
  append_comma(out);
  out.append(R"({"type":"tool_use")");
  append_member(out, "id", id);
  append_member(out, "name", name);
  append_key(out, "input");
  object input;
  if (!find(function, "arguments", arguments)) {
    out.append("{}");
  } else if (!arguments.get(input)) {
    append_value(out, input);
  } else if (!arguments.get(text) && text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    out.append("{}");
  } else {
    const auto parsed = reader.read_copy(text);
    if (!parsed || parsed->get(input)) {
      problem = "a tool call whose arguments are no JSON object";
    } else {
      append_value(out, input);
    }
  }
  out.push_back('}');
}

void append_calls(std::string& out, const ChatMessage& message, std::string_view request_id,
                  std::string& problem) {
  json::Reader reader;
  std::size_t number = 0;
  const auto append = [&](std::string_view id, const object& function) {
    const std::string made = "toolu_" + std::string(request_id) + "_" + std::to_string(number++);
    append_tool_use(out, id.empty() ? std::string_view(made) : id, function, reader, problem);
  };
  if (message.has_tool_calls) {
    for (const auto item : message.tool_calls) {
      object call;
      object function;
      std::string_view id;
      if (item.get(call) || !find(call, "function", function)) continue;
      (void)find(call, "id", id);
      append(id, function);
    }
  }
  if (message.has_function_call) append({}, message.function_call);
}

}  // namespace

ChatMessage read_chat_message(const object& message, ChatScratch& scratch) {
  ChatMessage read;
  std::string_view reasoning;
  for (const auto [key, value] : message) {
    array parts;
    if (key == "content") {
      if (value.get(read.text) && !value.get(parts)) {
        scratch.text.clear();
        scratch.reasoning.clear();
        read_parts(parts, scratch);
        read.text = scratch.text;
        if (!scratch.reasoning.empty()) reasoning = scratch.reasoning;
      }
    } else if (key == "reasoning_content") {
      (void)!value.get(read.reasoning);
    } else if (key == "reasoning") {
      (void)!value.get(reasoning);
    } else if (key == "refusal") {
      (void)!value.get(read.refusal);
    } else if (key == "tool_calls") {
      read.has_tool_calls = !value.get(read.tool_calls) && read.tool_calls.size() > 0;
    } else if (key == "function_call") {
      read.has_function_call = !value.get(read.function_call);
    }
  }
  if (read.reasoning.empty()) read.reasoning = reasoning;
  return read;
}

ChatEnd read_chat_end(const object& choice) {
  ChatEnd end;
  (void)find(choice, "finish_reason", end.finish_reason);
  // vLLM and SGLang; a number is the token that ended it.
  if (!find(choice, "stop_reason", end.stop_sequence)) (void)find(choice, "matched_stop", end.stop_sequence);
  return end;
}

void append_stop(std::string& out, const ChatEnd& end, bool has_tools, bool refused) {
  const bool by_sequence = end.finish_reason == "stop" && !end.stop_sequence.empty() && !has_tools;
  append_key(out, "stop_reason");
  append_string(out, refused       ? "refusal"
                     : by_sequence ? "stop_sequence"
                                   : stop_reason_of(end.finish_reason, has_tools));
  append_key(out, "stop_sequence");
  if (by_sequence && !refused) {
    append_string(out, end.stop_sequence);
  } else {
    out.append("null");
  }
}

std::expected<std::string, std::string> messages_document_of_chat(std::string_view document,
                                                                  const AnswerContext& context) {
  json::Reader reader;
  const auto read = reader.read_copy(document);
  if (!read) return std::unexpected("an answer that is not valid JSON: " + read.error());
  object answer;
  object choice;
  object inner;
  array choices;
  if (read->get(answer) || !find(answer, "choices", choices) || choices.at(0).get(choice) ||
      !find(choice, "message", inner)) {
    return std::unexpected("an answer that is no chat completion: it has no `choices[0].message`");
  }
  ChatScratch scratch;
  const ChatMessage message = read_chat_message(inner, scratch);
  std::string_view id;
  std::string_view model = context.model;
  std::string problem;
  (void)find(answer, "id", id);
  (void)find(answer, "model", model);

  std::string out = "{";
  append_member(out, "id", answer_id("msg_", "chatcmpl-", id, context.request_id));
  append_member(out, "type", "message");
  append_member(out, "role", "assistant");
  append_member(out, "model", model);
  append_raw_member(out, "content", "[");
  if (!message.reasoning.empty()) {
    out.append(R"({"type":"thinking","thinking":)");
    append_string(out, message.reasoning);
    out.append(R"(,"signature":""})");
  }
  for (const std::string_view text : {message.text, message.refusal}) {
    if (text.empty()) continue;
    append_comma(out);
    out.append(R"({"type":"text","text":)");
    append_string(out, text);
    out.push_back('}');
  }
  append_calls(out, message, context.request_id, problem);
  if (!problem.empty()) return std::unexpected(std::move(problem));
  out.push_back(']');
  append_stop(out, read_chat_end(choice), message.has_tool_calls || message.has_function_call,
              !message.refusal.empty());
  TokenCounts tokens;
  if (object usage; find(answer, "usage", usage)) tokens.read_chat(usage);
  append_key(out, "usage");
  tokens.append_as_messages(out);
  out.push_back('}');
  return out;
}

}  // namespace punctual::dialects
