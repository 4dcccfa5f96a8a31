#include "api/content.hpp"

#include <gtest/gtest.h>

namespace punctual::api {
namespace {

using enum EventKind;

struct Row {
  const char* what;
  std::string_view event;
  EventKind kind;
};

// As the servers send them, shortened where nothing depends on it.
constexpr Row rows[] = {
    {"a comment", ": ping\n\n", silence},
    {"OpenRouter's comment", ": OPENROUTER PROCESSING\n\n", silence},
    {"an empty line", "\n", silence},
    {"no data", "event: ping\n\n", silence},
    {"empty data", "data: \n\n", silence},
    {"no JSON", "data: hello\n\n", silence},
    {"the end", "data: [DONE]\n\n", done},
    {"the end, with CRLF and without the space", "data:[DONE]\r\n\r\n", done},
    {"OpenAI: role",
     R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null})"
     "\n\n",
     silence},
    {"Responses: created",
     "event: response.created\n"
     R"(data: {"type":"response.created","response":{"id":"r","usage":null},"sequence_number":0})"
     "\n\n",
     silence},
    {"Responses: an item begins",
     R"(data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message"}})"
     "\n\n",
     progress},
    {"Responses: text",
     R"(data: {"type":"response.output_text.delta","delta":"Hi","sequence_number":4})"
     "\n\n",
     content},
    {"Responses: arguments",
     R"(data: {"type":"response.function_call_arguments.delta","delta":"{"})"
     "\n\n",
     content},
    {"Responses: completed",
     R"(data: {"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":3}}})"
     "\n\n",
     done},
    {"Responses: incomplete",
     R"(data: {"type":"response.incomplete","response":{}})"
     "\n\n",
     done},
    {"Responses: failed",
     R"(data: {"type":"response.failed","response":{"error":{"message":"m"}}})"
     "\n\n",
     error},
    {"OpenAI: content",
     R"(data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]})"
     "\n\n",
     content},
    {"OpenAI: a quote",
     R"(data: {"choices":[{"index":0,"delta":{"content":"\"content\":\""}}]})"
     "\n\n",
     content},
    {"OpenAI: finish",
     R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
     "\n\n",
     progress},
    {"OpenAI: usage",
     R"(data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}})"
     "\n\n",
     progress},
    {"OpenAI: tool call",
     R"(data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":""}}]}}]})"
     "\n\n",
     content},
    {"OpenAI: refusal",
     R"(data: {"choices":[{"delta":{"refusal":"No"}}]})"
     "\n\n",
     content},
    {"OpenAI: obfuscation",
     R"(data: {"choices":[{"delta":{"content":""}}],"obfuscation":"x"})"
     "\n\n",
     silence},
    {"OpenAI: completions",
     R"(data: {"object":"text_completion","choices":[{"text":" a","index":0,"finish_reason":null}]})"
     "\n\n",
     content},
    {"OpenAI: completions, end",
     R"(data: {"choices":[{"text":"","finish_reason":"length"}]})"
     "\n\n",
     progress},
    {"llama-server: role",
     R"(data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1,"model":"m"})"
     "\n\n",
     silence},
    {"llama-server: prefill",
     R"(data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"prompt_progress":{"total":100,"cache":0,"processed":50,"time_ms":7}})"
     "\n\n",
     progress},
    {"llama-server: end",
     R"(data: {"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":5,"total_tokens":7},"timings":{"prompt_n":1}})"
     "\n\n",
     progress},
    {"llama-server: error",
     R"(error: {"code":500,"message":"x"})"
     "\n\n",
     silence},
    {"llama-server: error in data",
     R"(data: {"error":{"code":500,"message":"x","type":"server_error"}})"
     "\n\n",
     error},
    {"vLLM: role",
     R"(data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning_content":null},"logprobs":null,"finish_reason":null}]})"
     "\n\n",
     silence},
    {"vLLM: usage each time",
     R"(data: {"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":4,"total_tokens":5,"completion_tokens":1}})"
     "\n\n",
     content},
    {"vLLM: reasoning",
     R"(data: {"choices":[{"delta":{"reasoning":"hm"}}]})"
     "\n\n",
     content},
    {"Ollama: content",
     R"(data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]})"
     "\n\n",
     content},
    {"Ollama: thinking",
     R"(data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"so"}}]})"
     "\n\n",
     content},
    {"Ollama: end",
     R"(data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]})"
     "\n\n",
     progress},
    {"Groq: role",
     R"(data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"x_groq":{"id":"req_1"}})"
     "\n\n",
     silence},
    {"Groq: end",
     R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":1}}})"
     "\n\n",
     progress},
    {"DeepSeek: keep-alive", ": keep-alive\n\n", silence},
    {"DeepSeek: reasoning",
     R"(data: {"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"We"}}]})"
     "\n\n",
     content},
    {"DeepSeek: content after it",
     R"(data: {"choices":[{"index":0,"delta":{"content":"So","reasoning_content":null}}]})"
     "\n\n",
     content},
    {"DeepSeek: nothing",
     R"(data: {"choices":[{"index":0,"delta":{"content":"","reasoning_content":""}}]})"
     "\n\n",
     silence},
    {"with spaces",
     R"(data: {"choices": [{"delta": {"content": "a"}}]})"
     "\n\n",
     content},
    {"with spaces, empty",
     R"(data: {"choices": [{"delta": {"content": ""}}]})"
     "\n\n",
     silence},
    {"the second of two choices",
     R"(data: {"choices":[{"delta":{"content":""}},{"index":1,"delta":{"content":"b"}}]})"
     "\n\n",
     content},
    {"over two data lines", "data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"a\"}}]}\n\n", content},
    {"old function call",
     R"(data: {"choices":[{"delta":{"function_call":{"name":"f"}}}]})"
     "\n\n",
     content},
    {"content in parts (Mistral)",
     R"(data: {"choices":[{"delta":{"content":[{"type":"text","text":"a"}]}}]})"
     "\n\n",
     content},
    {"audio",
     R"(data: {"choices":[{"delta":{"audio":{"data":"AA"}}}]})"
     "\n\n",
     content},
    {"strange JSON",
     R"(data: {"choices":[null,1,{"delta":[]}]})"
     "\n\n",
     silence},
    {"an array", "data: [1,2]\n\n", silence},
    {"an error event", "event: error\ndata: {\"error\":{\"message\":\"x\"}}\n\n", error},
    {"an error event without JSON", "event: error\ndata: oops\n\n", error},
    {"Anthropic: start",
     "event: message_start\ndata: "
     "{\"type\":\"message_start\",\"message\":{\"content\":[],\"usage\":{\"input_tokens\":25,\"output_"
     "tokens\":1}}}\n\n",
     silence},
    {"Anthropic: ping", "event: ping\ndata: {\"type\": \"ping\"}\n\n", silence},
    {"Anthropic: text begins",
     "event: content_block_start\ndata: "
     "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
     silence},
    {"Anthropic: tool begins",
     "event: content_block_start\ndata: "
     "{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\"}}\n\n",
     content},
    {"Anthropic: text",
     "event: content_block_delta\ndata: "
     "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n",
     content},
    {"Anthropic: thinking",
     "event: content_block_delta\ndata: "
     "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n",
     content},
    {"Anthropic: block ends",
     "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n", progress},
    {"Anthropic: stop reason",
     "event: message_delta\ndata: "
     "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":15}}"
     "\n\n",
     progress},
    {"Anthropic: end", "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", done},
    {"Anthropic: error",
     "event: error\ndata: "
     "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}\n\n",
     error},
};

TEST(ContentReader, KnowsWhatEventsMean) {
  json::Reader json;
  ContentReader reader(json);
  for (const auto& [what, event, kind] : rows) {
    Usage usage;
    EXPECT_EQ(static_cast<int>(reader.read(event, usage)), static_cast<int>(kind)) << what;
  }
}

TEST(ContentReader, TapsUsage) {
  json::Reader json;
  ContentReader reader(json);
  Usage usage;
  reader.read(
      R"(data: {"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":4,"completion_tokens":1}})"
      "\n\n",
      usage);
  EXPECT_EQ(usage.prompt_tokens, 4u);
  EXPECT_EQ(usage.completion_tokens, 1u);
  reader.read(
      R"(data: { "choices" : [], "usage" : { "completion_tokens" : 7, "prompt_tokens_details": {"cached_tokens": 2},
"completion_tokens_details" : null } })"
      "\n\n",
      usage);
  EXPECT_EQ(usage.prompt_tokens, 4u);
  EXPECT_EQ(usage.completion_tokens, 1u) << "an event is one line";
  reader.read(
      R"(data: { "choices" : [], "usage" : { "completion_tokens" : 7, "prompt_tokens_details": {"cached_tokens": 2}, "completion_tokens_details" : {"reasoning_tokens" : 3} } })"
      "\n\n",
      usage);
  EXPECT_EQ(usage.completion_tokens, 7u);
  EXPECT_EQ(usage.cached_tokens, 2u);
  EXPECT_EQ(usage.reasoning_tokens, 3u);
  reader.read(
      "event: message_start\ndata: "
      "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":25,\"cache_read_input_tokens\":5,"
      "\"output_tokens\":1}}}\n\n",
      usage);
  EXPECT_EQ(usage.prompt_tokens, 25u);
  EXPECT_EQ(usage.cached_tokens, 5u);
  reader.read(
      "event: message_delta\ndata: "
      "{\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":15}}\n\n",
      usage);
  EXPECT_EQ(usage.completion_tokens, 15u);
  reader.read(R"(data: {"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":"x"}})"
              "\n\n",
              usage);
  EXPECT_EQ(usage.prompt_tokens, 25u);
}

struct UsageRow {
  const char* what;
  std::string_view event;
  Usage usage;
};

constexpr UsageRow usage_rows[] = {
    {"DeepSeek",
     R"(data: {"choices":[{"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":6,"prompt_cache_hit_tokens":3,"prompt_cache_miss_tokens":6,"completion_tokens_details":{"reasoning_tokens":2}}})"
     "\n\n",
     {9, 6, 3, 2}},
    {"Groq, in a member of its own",
     R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":{"queue_time":0.1,"prompt_tokens":9,"completion_tokens":4}}})"
     "\n\n",
     {9, 4, {}, {}}},
    {"Groq, in both",
     R"(data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4},"x_groq":{"usage":{"prompt_tokens":1}}})"
     "\n\n",
     {9, 4, {}, {}}},
    {"Together",
     R"(data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"cached_tokens":3}})"
     "\n\n",
     {9, 4, 3, {}}},
    {"OpenAI's details count before",
     R"(data: {"choices":[],"usage":{"cached_tokens":1,"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":3}}})"
     "\n\n",
     {9, {}, 3, {}}},
    {"Groq, nothing to count",
     R"(data: {"choices":[],"x_groq":{"id":"r"}})"
     "\n\n",
     {}},
};

TEST(ContentReader, TapsTheUsageOfEachVendor) {
  json::Reader json;
  ContentReader reader(json);
  for (const auto& [what, event, expected] : usage_rows) {
    Usage usage;
    reader.read(event, usage);
    EXPECT_EQ(usage.prompt_tokens, expected.prompt_tokens) << what;
    EXPECT_EQ(usage.completion_tokens, expected.completion_tokens) << what;
    EXPECT_EQ(usage.cached_tokens, expected.cached_tokens) << what;
    EXPECT_EQ(usage.reasoning_tokens, expected.reasoning_tokens) << what;
  }
}

TEST(ContentReader, FindsTheUsageOfADocument) {
  json::Reader json;
  ContentReader reader(json);
  const auto tokens = [&](std::string_view document) {
    return reader.usage_of(document).prompt_tokens.value_or(0);
  };
  EXPECT_EQ(
      tokens(
          R"({"choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":1}"}}],"usage":{"prompt_tokens":8}})"),
      8u);
  EXPECT_EQ(tokens(R"({"usage" : { "prompt_tokens" : 8, "d":{"x":{}} }, "choices":[]})"), 8u);
  EXPECT_EQ(tokens(R"({"usage":null})"), 0u);
  EXPECT_EQ(tokens(R"({"usage":{"prompt_tokens":8)"), 0u);
  EXPECT_EQ(tokens("\"usage\""), 0u);
  EXPECT_EQ(tokens(""), 0u);
}

}  // namespace
}  // namespace punctual::api
