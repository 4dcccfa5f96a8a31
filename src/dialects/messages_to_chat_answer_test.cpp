#include "dialects/messages_to_chat_answer.hpp"

#include <gtest/gtest.h>

#include "dialects/translation_testing.hpp"

namespace punctual::dialects {
namespace {

const std::string begun =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m",)"
    R"("stop_reason":null,"usage":{"input_tokens":5,"cache_read_input_tokens":20,"cache_creation_input_tokens":3,"output_tokens":1}}})";
const std::string stopped = R"({"type":"message_stop"})";

std::string start(std::string_view block) {
  return R"({"type":"content_block_start","index":0,"content_block":)" + std::string(block) + "}";
}
std::string delta(std::string_view members) {
  return R"({"type":"content_block_delta","index":0,"delta":)" + std::string(members) + "}";
}
const std::string stop = R"({"type":"content_block_stop","index":0})";
std::string ended(std::string_view reason) {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) +
         R"(","stop_sequence":null},"usage":{"output_tokens":9}})";
}

std::string chunk(std::string_view with_delta, std::string_view finish = "null") {
  return R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":)" +
         std::string(with_delta) + R"(,"finish_reason":)" + std::string(finish) + "}]}";
}
const std::string role = chunk(R"({"role":"assistant","content":""})");
const std::string usage =
    R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],)"
    R"("usage":{"prompt_tokens":28,"completion_tokens":9,"total_tokens":37,"prompt_tokens_details":{"cached_tokens":20}}})";

void expect_stream(const AnswerContext& with, const std::vector<std::string>& upstream,
                   const std::vector<std::string>& wanted, bool whole = true) {
  const auto translator = make_messages_to_chat_answer(with);
  std::string out = translated(*translator, upstream);
  EXPECT_EQ(translator->end(out), whole);
  EXPECT_EQ(data_of(out), wanted) << out;
}

TEST(MessagesToChatAnswer, ThinkingTextAndTools) {
  expect_stream(
      context(),
      {begun, R"({"type":"ping"})", start(R"({"type":"thinking","thinking":"","signature":""})"),
       delta(R"({"type":"thinking_delta","thinking":"hm"})"),
       delta(R"({"type":"signature_delta","signature":"s"})"), stop, start(R"({"type":"text","text":""})"),
       delta(R"({"type":"text_delta","text":"Hel\"lo\u00e9"})"), stop,
       start(R"({"type":"tool_use","id":"toolu_1","name":"f","input":{}})"),
       delta(R"({"type":"input_json_delta","partial_json":""})"),
       delta(R"({"type":"input_json_delta","partial_json":"{\"a\":1}"})"), stop,
       start(R"({"type":"tool_use","id":"toolu_2","name":"g","input":{}})"), stop, ended("tool_use"),
       stopped},
      {role, chunk(R"({"reasoning_content":"hm"})"), chunk("{\"content\":\"Hel\\\"loé\"}"),
       chunk(
           R"({"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"f","arguments":""}}]})"),
       chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]})"),
       chunk(
           R"({"tool_calls":[{"index":1,"id":"toolu_2","type":"function","function":{"name":"g","arguments":""}}]})"),
       chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]})"), chunk("{}", "\"tool_calls\""),
       usage, "[DONE]"});
}

TEST(MessagesToChatAnswer, FinishReasons) {
  AnswerContext without = context();
  without.include_usage = false;
  for (const auto& [reason, finish] : {std::pair{"end_turn", "\"stop\""},
                                       {"stop_sequence", "\"stop\""},
                                       {"pause_turn", "\"stop\""},
                                       {"max_tokens", "\"length\""},
                                       {"model_context_window_exceeded", "\"length\""},
                                       {"tool_use", "\"tool_calls\""},
                                       {"refusal", "\"content_filter\""}}) {
    expect_stream(without, {begun, ended(reason), stopped}, {role, chunk("{}", finish), "[DONE]"});
  }
}

TEST(MessagesToChatAnswer, TheToolOfTheTranslationIsContent) {
  AnswerContext json = context();
  json.wants_json = true;
  expect_stream(
      json,
      {begun, start(R"({"type":"tool_use","id":"t","name":"give_json_answer","input":{}})"),
       delta(R"({"type":"input_json_delta","partial_json":"{\"a\":"})"),
       delta(R"({"type":"input_json_delta","partial_json":"1}"})"), stop, ended("tool_use"), stopped},
      {role, chunk(R"({"content":"{\"a\":"})"), chunk(R"({"content":"1}"})"), chunk("{}", "\"stop\""), usage,
       "[DONE]"});
}

TEST(MessagesToChatAnswer, ACutStreamHasNoEnd) {
  expect_stream(context(), {}, {}, false);
  expect_stream(context(), {begun, ended("end_turn")}, {role, chunk("{}", "\"stop\"")}, false);
}

TEST(MessagesToChatAnswer, ErrorsEndTheStream) {
  expect_stream(
      context(),
      {begun, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", stopped},
      {role, R"({"error":{"message":"Overloaded","type":"server_error","param":null,"code":"overloaded"}})"},
      false);
  expect_stream(
      context(), {"x"},
      {R"({"error":{"message":"The upstream sent an event that is no JSON object.","type":"server_error","param":null,"code":"internal_error"}})"},
      false);
}

TEST(MessagesToChatAnswer, Documents) {
  AnswerContext json = context();
  json.wants_json = true;
  const auto document = [](const AnswerContext& with, std::string_view upstream) {
    const auto answer = make_messages_to_chat_answer(with)->document(upstream);
    return answer ? parsed(*answer) : boost::json::value(answer.error());
  };
  EXPECT_EQ(
      document(context(), R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
        {"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"d"},
        {"type":"text","text":"a"},{"type":"text","text":"b"},
        {"type":"tool_use","id":"t","name":"f","input":{"x":[1]}}],"stop_reason":"tool_use",
        "usage":{"input_tokens":5,"cache_read_input_tokens":1,"output_tokens":2}})"),
      parsed(R"({"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,
        "message":{"role":"assistant","content":"ab","reasoning_content":"hm","tool_calls":[{"id":"t","type":"function",
        "function":{"name":"f","arguments":"{\"x\":[1]}"}}]},"finish_reason":"tool_calls","logprobs":null}],
        "usage":{"prompt_tokens":6,"completion_tokens":2,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":1}}})"));
  EXPECT_EQ(
      document(json, R"({"content":[{"type":"tool_use","id":"t","name":"give_json_answer","input":{"x":1}}],
        "stop_reason":"tool_use"})"),
      parsed(
          R"({"id":"chatcmpl-r1","object":"chat.completion","created":7,"model":"asked","choices":[{"index":0,
        "message":{"role":"assistant","content":"{\"x\":1}"},"finish_reason":"stop","logprobs":null}]})"));
  for (const char* bad : {"", "{", "[]", "{}", R"({"content":"x"})"}) {
    EXPECT_FALSE(make_messages_to_chat_answer(context())->document(bad)) << bad;
  }
}

}  // namespace
}  // namespace punctual::dialects
