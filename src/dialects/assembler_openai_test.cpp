// Pairs as the vendors send them: the stream of a request and the document of the same one. Where a vendor's
// document has a member that its stream never tells, the test says so beside it.
#include "dialects/assembler_testing.hpp"

namespace punctual::dialects {
namespace {

constexpr auto chat = StreamKind::chat_completions;

// OpenAI also has `"annotations": []` in the whole message.
TEST(AssemblerChat, OpenAi) {
  expect_assembled(chat, R"(
{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"aB"}
{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"Hello \"w"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"k"}
{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"orld\"\n"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":""}
{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null,"obfuscation":"x"}
{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","service_tier":"default","system_fingerprint":"fp_1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"obfuscation":"y"}
[DONE])",
                   R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o","choices":[
{"index":0,"message":{"role":"assistant","content":"Hello \"world\"\n","refusal":null},"logprobs":null,
"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,
"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},
"service_tier":"default","system_fingerprint":"fp_1"})");
}

TEST(AssemblerChat, OpenAiWithParallelToolCalls) {
  expect_assembled(chat, R"(
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null},"logprobs":null,"finish_reason":null}]}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":""}}]},"logprobs":null,"finish_reason":null}]}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"time","arguments":"{\"z"}}]},"logprobs":null,"finish_reason":null}]}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}},{"index":1,"function":{"arguments":"\":1}"}}]},"logprobs":null,"finish_reason":null}]}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"","function":{"name":null,"arguments":"\"Ulm\"}"}}]},"logprobs":null,"finish_reason":null}]}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]}
[DONE])",
                   R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,
"message":{"role":"assistant","content":null,"tool_calls":[
{"id":"call_a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Ulm\"}"}},
{"id":"call_b","type":"function","function":{"name":"time","arguments":"{\"z\":1}"}}]},"logprobs":null,
"finish_reason":"tool_calls"}]})");
}

TEST(AssemblerChat, OpenAiWithTwoChoicesAndLogprobs) {
  expect_assembled(chat, R"(
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":1,"delta":{"role":"assistant","content":"b"},"logprobs":{"content":[{"token":"b","logprob":-0.5,"bytes":[98],"top_logprobs":[]}],"refusal":null},"finish_reason":null}]}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","refusal":"No"},"logprobs":null,"finish_reason":null}]}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":1,"delta":{"content":"c"},"logprobs":{"content":[{"token":"c","logprob":-1e-7,"bytes":[99],"top_logprobs":[]}],"refusal":null},"finish_reason":"length"}]}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"refusal":"."},"finish_reason":"stop"}]}
[DONE])",
                   R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[
{"index":0,"message":{"role":"assistant","content":null,"refusal":"No."},"logprobs":null,"finish_reason":"stop"},
{"index":1,"message":{"role":"assistant","content":"bc"},"finish_reason":"length","logprobs":{"refusal":null,"content":[
{"token":"b","logprob":-0.5,"bytes":[98],"top_logprobs":[]},{"token":"c","logprob":-1e-7,"bytes":[99],"top_logprobs":[]}]}}
]})");
}

// llama-server: the times of the chunks differ by nature; `prompt_progress` belongs to the stream.
TEST(AssemblerChat, LlamaServerWithReasoningAndTimings) {
  expect_assembled(chat, R"(
{"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":7,"id":"chatcmpl-q","model":"qwen","system_fingerprint":"b6000-abc","object":"chat.completion.chunk","prompt_progress":{"total":9,"cache":0,"processed":9,"time_ms":3}}
{"choices":[{"finish_reason":null,"index":0,"delta":{"reasoning_content":"Hm"}}],"created":7,"id":"chatcmpl-q","model":"qwen","system_fingerprint":"b6000-abc","object":"chat.completion.chunk"}
{"choices":[{"finish_reason":null,"index":0,"delta":{"reasoning_content":"m."}}],"created":7,"id":"chatcmpl-q","model":"qwen","system_fingerprint":"b6000-abc","object":"chat.completion.chunk"}
{"choices":[{"finish_reason":null,"index":0,"delta":{"content":"J\u00e4"}}],"created":8,"id":"chatcmpl-q","model":"qwen","system_fingerprint":"b6000-abc","object":"chat.completion.chunk"}
{"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":8,"id":"chatcmpl-q","model":"qwen","system_fingerprint":"b6000-abc","object":"chat.completion.chunk"}
{"choices":[],"created":8,"id":"chatcmpl-q","model":"qwen","system_fingerprint":"b6000-abc","object":"chat.completion.chunk","usage":{"completion_tokens":3,"prompt_tokens":9,"total_tokens":12},"timings":{"cache_n":0,"prompt_n":9,"prompt_ms":12.5,"predicted_per_second":41.25}}
[DONE])",
                   R"({"choices":[{"finish_reason":"stop","index":0,"message":{"role":"assistant",
"reasoning_content":"Hmm.","content":"Jä"}}],"created":8,"model":"qwen","system_fingerprint":"b6000-abc",
"object":"chat.completion","usage":{"completion_tokens":3,"prompt_tokens":9,"total_tokens":12},"id":"chatcmpl-q",
"timings":{"cache_n":0,"prompt_n":9,"prompt_ms":12.5,"predicted_per_second":41.25}})");
}

// vLLM's document also has, as null or empty: refusal, annotations, audio, function_call, tool_calls in the
// message; service_tier, system_fingerprint, prompt_logprobs, kv_transfer_params, prompt_token_ids outside.
TEST(AssemblerChat, Vllm) {
  expect_assembled(
      chat, R"(
{"id":"chatcmpl-v","object":"chat.completion.chunk","created":5,"model":"q","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null,"token_ids":null}],"prompt_token_ids":null}
{"id":"chatcmpl-v","object":"chat.completion.chunk","created":5,"model":"q","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null,"token_ids":null}]}
{"id":"chatcmpl-v","object":"chat.completion.chunk","created":5,"model":"q","choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"stop","stop_reason":151645,"token_ids":null}]}
{"id":"chatcmpl-v","object":"chat.completion.chunk","created":5,"model":"q","choices":[],"usage":{"prompt_tokens":3,"total_tokens":5,"completion_tokens":2,"prompt_tokens_details":null}}
[DONE])",
      R"({"id":"chatcmpl-v","object":"chat.completion","created":5,"model":"q","choices":[{"index":0,
"message":{"role":"assistant","content":"Hi"},"logprobs":null,"finish_reason":"stop","stop_reason":151645,
"token_ids":null}],"usage":{"prompt_tokens":3,"total_tokens":5,"completion_tokens":2,"prompt_tokens_details":null},
"prompt_token_ids":null})");
}

TEST(AssemblerChat, WhatOthersSend) {
  // Whole calls without an index; unknown members of a delta; the function_call of old.
  expect_assembled(chat, R"(
{"choices":[{"delta":{"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}],"x":"1","n":1}}]}
{"choices":[{"delta":{"tool_calls":[{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}],"x":"2","n":2},"finish_reason":"stop"}],"y":[1]}
{"choices":[{"delta":{"function_call":{"name":"h","arguments":"{"}}}],"y":[2]}
{"choices":[{"delta":{"function_call":{"arguments":"}"},"reasoning_details":[{"t":1}]}}]}
{"choices":[{"delta":{"reasoning_details":[{"t":2}]}}]})",
                   R"({"object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","message":{
"role":"assistant","content":null,"x":"12","n":2,"function_call":{"name":"h","arguments":"{}"},
"reasoning_details":[{"t":1},{"t":2}],"tool_calls":[
{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},
{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]}}],"y":[2]})");
}

TEST(AssemblerCompletions, TextAndLogprobs) {
  expect_assembled(StreamKind::completions, R"(
{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"a","logprobs":{"tokens":["a"],"token_logprobs":[-1.5],"top_logprobs":null,"text_offset":[0]},"finish_reason":null}],"usage":null}
{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"index":1,"text":"x","logprobs":null,"finish_reason":"stop"}],"usage":null}
{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"b","logprobs":{"tokens":["b"],"token_logprobs":[-2.5],"top_logprobs":null,"text_offset":[1]},"finish_reason":"length"}],"usage":null}
{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}}
[DONE])",
                   R"({"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[
{"index":0,"text":"ab","logprobs":{"tokens":["a","b"],"token_logprobs":[-1.5,-2.5],"top_logprobs":null,
"text_offset":[0,1]},"finish_reason":"length"},{"index":1,"text":"x","logprobs":null,"finish_reason":"stop"}],
"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}})");
}

std::string problem_of(StreamKind kind, std::string_view lines) {
  const auto document = assemble(kind, events_of(lines));
  return document ? "none: " + *document : document.error();
}

TEST(Assembler, TellsWhatIsWrong) {
  const std::string open = R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]})";
  const std::string stopped = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
  const std::string cut = "a stream that ended before its answer was whole";
  EXPECT_EQ(problem_of(chat, ""), cut);
  EXPECT_EQ(problem_of(chat, "[DONE]"), cut);
  EXPECT_EQ(problem_of(chat, open), cut);
  EXPECT_EQ(problem_of(chat, stopped + "\n" + R"({"choices":[{"index":1,"delta":{}}]})"), cut);
  EXPECT_TRUE(problem_of(chat, stopped).starts_with("none: "));
  EXPECT_TRUE(problem_of(chat, open + "\n[DONE]").starts_with("none: "));
  EXPECT_TRUE(problem_of(chat, "{").starts_with("an event that is not JSON: "));
  EXPECT_EQ(problem_of(chat, "[]"), "an event that is an array, not an object");
  EXPECT_EQ(problem_of(chat, R"({"choices":1})"), "`choices` that are 1");
  EXPECT_EQ(problem_of(chat, R"({"choices":[1]})"), "a choice that is 1");
  EXPECT_EQ(problem_of(chat, R"({"choices":[{"index":256}]})"),
            "a choice whose `index` is no number from 0 to 255");
  EXPECT_EQ(problem_of(chat, R"({"choices":[{"delta":{"tool_calls":[{"index":-1}]}}]})"),
            "a tool call whose `index` is no number from 0 to 1023");
  EXPECT_EQ(problem_of(chat, open + "\n" + R"({"choices":[{"index":0,"delta":{"content":["b"]}}]})"),
            "a `content` that goes on as another type");
}

TEST(Assembler, KeepsTheErrorOfTheUpstream) {
  const auto assembler = make_assembler(chat);
  EXPECT_TRUE(assembler->event(": comment\n\n"));
  EXPECT_FALSE(assembler->event("data: {\"error\":{\"message\":\"Out of memory\",\"code\":500}}\n\n"));
  EXPECT_FALSE(assembler->event("data: [DONE]\n\n"));
  EXPECT_EQ(assembler->problem(), "an error event: Out of memory");
  EXPECT_EQ(assembler->upstream_error(), R"({"message":"Out of memory","code":500})");
  EXPECT_EQ(assembler->document().error(), assembler->problem());
  const auto named = make_assembler(chat);
  EXPECT_FALSE(named->event("event: error\ndata: \"oh\"\n\n"));
  EXPECT_EQ(named->upstream_error(), R"({"message":"oh"})");
}

TEST(Assembler, IsBounded) {
  const auto assembler = make_assembler(chat);
  const std::string event =
      R"(data: {"choices":[{"index":0,"delta":{"content":")" + std::string(1 << 20, 'a') + "\"}}]}\n\n";
  int taken = 0;
  while (assembler->event(event))
    ++taken;
  EXPECT_EQ(taken, 31);
  EXPECT_EQ(assembler->problem(), "an answer of more than 32 MiB");
  std::string many = "data: {\"choices\":[]";
  for (int i = 0; i < 300; ++i)
    many += ",\"m" + std::to_string(i) + "\":1";
  EXPECT_FALSE(make_assembler(chat)->event(many + "}\n\n"));
}

}  // namespace
}  // namespace punctual::dialects
