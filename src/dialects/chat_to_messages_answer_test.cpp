#include "dialects/chat_to_messages_answer.hpp"

#include <gtest/gtest.h>

#include "dialects/translation_testing.hpp"

namespace punctual::dialects {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end > 0) lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

constexpr std::string_view opening =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],)"
    R"("stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,)"
    R"("cache_read_input_tokens":0,"output_tokens":0}}})";

std::string ending(std::string_view reason, std::string_view sequence = "null", std::string_view input = "0",
                   std::string_view cached = "0", std::string_view output = "0") {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) +
         R"(","stop_sequence":)" + std::string(sequence) + R"(},"usage":{"input_tokens":)" +
         std::string(input) + R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":)" +
         std::string(cached) + R"(,"output_tokens":)" + std::string(output) +
         "}}\n{\"type\":\"message_stop\"}";
}

// The chunks of choice 0 with this delta.
std::string chunk(std::string_view delta, std::string_view more = {}) {
  return R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
         std::string(delta) + R"(,"finish_reason":null)" + std::string(more) + "}]}";
}
std::string finish(std::string_view reason, std::string_view more = {}) {
  return R"({"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":")" +
         std::string(reason) + "\"" + std::string(more) + "}]}";
}

void expect_stream(const std::vector<std::string>& upstream, std::string_view wanted, bool whole = true) {
  const auto translator = make_chat_to_messages_answer(context());
  std::string out = translated(*translator, upstream);
  EXPECT_EQ(translator->end(out), whole);
  EXPECT_EQ(translator->last_word() == AnswerTranslator::LastWord::end, whole);
  EXPECT_EQ(data_of(out), lines_of(wanted)) << out;
  http::SseEvents events(out);
  std::string joined;
  for (std::string_view event; events.next(event);) {
    const auto fields = http::sse_fields(event, joined);
    EXPECT_EQ(std::string(fields.event), parsed(fields.data).at("type").as_string().c_str());
  }
}

TEST(ChatToMessagesAnswer, TextAndUsageBehindTheFinishReason) {
  expect_stream(
      {chunk(R"({"role":"assistant","content":""})"), chunk(R"({"content":"Hel\"lo"})"),
       chunk(R"({"content":" 😀\n"})"), finish("stop"),
       R"({"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3}}})",
       "[DONE]"},
      std::string(opening) + R"(
{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}
{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel\"lo"}}
{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" 😀\n"}}
{"type":"content_block_stop","index":0}
)" + ending("end_turn", "null", "7", "3", "4"));
}

TEST(ChatToMessagesAnswer, ReasoningThenTextThenTools) {
  expect_stream(
      {chunk(R"({"reasoning_content":"hm"})"), chunk(R"({"content":"I look."})"),
       chunk(
           R"({"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"f","arguments":""}}]})"),
       chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]})"),
       chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})"),
       chunk(
           R"({"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"g","arguments":"{}"}}]})"),
       finish("tool_calls"), "[DONE]"},
      std::string(opening) + R"(
{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}
{"type":"content_block_stop","index":0}
{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"I look."}}
{"type":"content_block_stop","index":1}
{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"call_a","name":"f","input":{}}}
{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}
{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}
{"type":"content_block_stop","index":2}
{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"call_b","name":"g","input":{}}}
{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{}"}}
{"type":"content_block_stop","index":3}
)" + ending("tool_use"));
}

TEST(ChatToMessagesAnswer, CallsThatComeInTurnWait) {
  expect_stream(
      {chunk(
           R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}},{"index":1,"id":"b","function":{"name":"g","arguments":"{"}}]})"),
       chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"\"x\":1"}}]})"),
       chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"}"}}]})"),
       chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"}"}}]})"), finish("stop"), "[DONE]"},
      std::string(opening) + R"(
{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}
{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}}
{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"}"}}
{"type":"content_block_stop","index":0}
{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"b","name":"g","input":{}}}
{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1"}}
{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"}"}}
{"type":"content_block_stop","index":1}
)" + ending("tool_use"));
}

TEST(ChatToMessagesAnswer, CallsWithoutAnIdOrWithTheSameIndex) {
  expect_stream(
      {chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})"),
       chunk(R"({"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":{"x":1}}}]})"),
       chunk(R"({"function_call":{"name":"old","arguments":""}})", ""), finish("function_call")},
      std::string(opening) + R"(
{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}
{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}
{"type":"content_block_stop","index":0}
{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"b","name":"f","input":{}}}
{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1}"}}
{"type":"content_block_stop","index":1}
)" + ending("tool_use"));
}

TEST(ChatToMessagesAnswer, HowItEnds) {
  const std::string text = std::string(opening) + R"(
{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}
{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}
{"type":"content_block_stop","index":0}
)";
  const std::string begun = chunk(R"({"content":"x"})");
  expect_stream({begun, finish("length")}, text + ending("max_tokens"));
  expect_stream({begun, finish("content_filter")}, text + ending("refusal"));
  expect_stream({begun, finish("stop", R"(,"stop_reason":"END")")},
                text + ending("stop_sequence", "\"END\""));
  expect_stream({begun, finish("stop", R"(,"matched_stop":"E")")}, text + ending("stop_sequence", "\"E\""));
  expect_stream({begun, finish("stop", R"(,"stop_reason":128009)")}, text + ending("end_turn"));
  expect_stream({begun, "[DONE]"}, text + ending("end_turn"));
  expect_stream({chunk(R"({"refusal":"x"})"), finish("stop")}, text + ending("refusal"));
  expect_stream({chunk(R"({"content":[{"type":"text","text":"x"}]})"), "[DONE]", "[DONE]"},
                text + ending("end_turn"));
}

TEST(ChatToMessagesAnswer, ACutStreamHasNoEnd) {
  expect_stream({}, "", false);
  expect_stream({chunk(R"({"role":"assistant"})")}, opening, false);
  expect_stream({chunk(R"({"tool_calls":[{"index":0,"id":"a"}]})"), finish("stop")}, opening, false);
}

TEST(ChatToMessagesAnswer, ErrorsEndTheStream) {
  const auto error = [](std::string_view type, std::string_view message, std::string_view more = "") {
    return R"({"type":"error","error":{"type":")" + std::string(type) + R"(","message":")" +
           std::string(message) + "\"" + std::string(more) + R"(},"request_id":"r1"})";
  };
  expect_stream({R"({"error":{"message":"no","type":"server_error","code":503,"param":null}})", "[DONE]"},
                error("overloaded_error", "no", R"(,"code":503)"), false);
  expect_stream({R"({"error":"no"})"}, error("api_error", "no"), false);
  expect_stream({"{"}, error("api_error", "The upstream sent an event that is no JSON object."), false);
}

void expect_document(std::string_view upstream, std::string_view wanted) {
  const auto document = make_chat_to_messages_answer(context())->document(upstream);
  ASSERT_TRUE(document) << document.error();
  EXPECT_EQ(parsed(*document), parsed(wanted)) << *document;
}

TEST(ChatToMessagesAnswer, Documents) {
  expect_document(
      R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":
        {"role":"assistant","content":"Hi","refusal":null,"reasoning_content":"hm"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}})",
      R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
        {"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"Hi"}],
        "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":19,"cache_creation_input_tokens":0,
        "cache_read_input_tokens":0,"output_tokens":10}})");
  expect_document(
      R"({"choices":[{"message":{"content":null,"tool_calls":[{"id":"c","type":"function","function":
        {"name":"f","arguments":"{\"a\":1}"}},{"function":{"name":"g","arguments":""}}]},"finish_reason":"tool_calls"}]})",
      R"({"id":"msg_r1","type":"message","role":"assistant","model":"asked","content":[
        {"type":"tool_use","id":"c","name":"f","input":{"a":1}},{"type":"tool_use","id":"toolu_r1_1","name":"g","input":{}}],
        "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,
        "cache_read_input_tokens":0,"output_tokens":0}})");
  for (const char* bad : {"", "{", "[]", "{}", R"({"choices":[]})", R"({"choices":[{"message":
      {"tool_calls":[{"function":{"name":"f","arguments":"{"}}]}}]})"}) {
    EXPECT_FALSE(make_chat_to_messages_answer(context())->document(bad)) << bad;
  }
}

TEST(ChatToMessagesAnswer, TellsItsLastWordBeforeTheUpstreamDoes) {
  using LastWord = AnswerTranslator::LastWord;
  const auto usage = R"({"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}})";
  const auto whole = make_chat_to_messages_answer(context());
  translated(*whole, {chunk(R"({"content":"a"})"), finish("stop")});
  EXPECT_EQ(whole->last_word(), LastWord::none);
  translated(*whole, {usage});
  EXPECT_EQ(whole->last_word(), LastWord::end);

  const auto broken = make_chat_to_messages_answer(context());
  translated(*broken, {chunk(R"({"content":"a"})"), "no JSON"});
  EXPECT_EQ(broken->last_word(), LastWord::error);
}

}  // namespace
}  // namespace punctual::dialects
