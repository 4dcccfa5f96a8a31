#include "dialects/messages_to_chat_document.hpp"

#include "dialects/answer_events.hpp"
#include "dialects/chat_to_messages_request.hpp"
#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

struct Gathered {
  std::string text;
  std::string reasoning;
  std::string calls;  // an open JSON array; empty for none
};

void read_tool(const object& block, const AnswerContext& context, Gathered& gathered) {
  std::string_view id;
  std::string_view name;
  object input;
  (void)find(block, "id", id);
  (void)find(block, "name", name);
  std::string arguments;
  if (find(block, "input", input)) append_value(arguments, input);
  if (arguments.empty()) arguments = "{}";
  if (context.wants_json && name == json_answer_tool) {
    gathered.text.append(arguments);
    return;
  }
  std::string& calls = gathered.calls;
  if (calls.empty()) calls.push_back('[');
  append_comma(calls);
  calls.push_back('{');
  append_member(calls, "id", id);
  append_raw_member(calls, "type", R"("function")");
  append_raw_member(calls, "function", "{");
  append_member(calls, "name", name);
  append_member(calls, "arguments", std::string_view(arguments));
  calls.append("}}");
}

void read_block(const json::Element& item, const AnswerContext& context, Gathered& gathered) {
  object block;
  std::string_view type;
  std::string_view text;
  if (item.get(block) || !find(block, "type", type)) return;
  if (type == "text" && find(block, "text", text)) {
    gathered.text.append(text);
  } else if (type == "thinking" && find(block, "thinking", text)) {
    gathered.reasoning.append(text);
  } else if (type == "tool_use") {
    read_tool(block, context, gathered);
  }
}

}  // namespace

std::expected<std::string, std::string> chat_document_of_messages(std::string_view document,
                                                                  const AnswerContext& context) {
  json::Reader reader;
  const auto read = reader.read_copy(document);
  if (!read) return std::unexpected("an answer that is not valid JSON: " + read.error());
  object message;
  array content;
  if (read->get(message) || !find(message, "content", content)) {
    return std::unexpected("an answer that is no message of Anthropic Messages: it has no `content`");
  }
  Gathered gathered;
  for (const auto item : content)
    read_block(item, context, gathered);
  std::string_view id;
  std::string_view model = context.model;
  std::string_view reason;
  (void)find(message, "id", id);
  (void)find(message, "model", model);
  (void)find(message, "stop_reason", reason);

  std::string out = "{";
  append_member(out, "id", answer_id("chatcmpl-", "msg_", id, context.request_id));
  append_raw_member(out, "object", R"("chat.completion")");
  append_member(out, "created", context.created);
  append_member(out, "model", model);
  append_raw_member(out, "choices", R"([{"index":0,"message":{"role":"assistant")");
  if (gathered.text.empty() && !gathered.calls.empty()) {
    append_raw_member(out, "content", "null");
  } else {
    append_member(out, "content", std::string_view(gathered.text));
  }
  if (!gathered.reasoning.empty()) {
    append_member(out, "reasoning_content", std::string_view(gathered.reasoning));
  }
  if (!gathered.calls.empty()) append_raw_member(out, "tool_calls", gathered.calls.append("]"));
  out.push_back('}');
  const bool only_json = context.wants_json && gathered.calls.empty() && reason == "tool_use";
  append_member(out, "finish_reason", only_json ? std::string_view("stop") : finish_reason_of(reason));
  append_raw_member(out, "logprobs", "null");
  out.append("}]");
  if (object usage; find(message, "usage", usage)) {
    TokenCounts tokens;
    tokens.read_messages(usage);
    append_key(out, "usage");
    tokens.append_as_chat(out);
  }
  out.push_back('}');
  return out;
}

}  // namespace punctual::dialects
