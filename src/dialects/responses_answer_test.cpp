#include "dialects/responses_answer.hpp"

#include <gtest/gtest.h>

#include "dialects/assembler_testing.hpp"
#include "dialects/responses_testing.hpp"

namespace punctual::dialects {
namespace {

namespace bj = boost::json;

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return R"({"id":"c","object":"chat.completion.chunk","created":9,"model":"m","choices":[{"index":0,"delta":)" +
         std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + "}]}\n";
}

constexpr std::string_view usage =
    R"({"id":"c","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":2}}}
)";

std::vector<std::string> types_of(const TranslatedStream& stream) {
  std::vector<std::string> types;
  std::int64_t sequence = 0;
  for (const auto& event : responses_events(stream.text)) {
    types.emplace_back(event.at("type").as_string());
    EXPECT_EQ(event.at("sequence_number"), sequence++);
  }
  return types;
}

bj::object last_response(const TranslatedStream& stream) {
  return responses_events(stream.text).back().at("response").as_object();
}

TEST(ResponsesAnswer, TextWithUsageAfterTheEnd) {
  const auto stream = responses_of(events_of(chunk(R"({"role":"assistant","content":""})") +
                                             chunk(R"({"content":"Hel"})") + chunk(R"({"content":"lo\n"})") +
                                             chunk("{}", "\"stop\"") + std::string(usage) + "[DONE]"));
  EXPECT_TRUE(stream.whole);
  EXPECT_EQ(types_of(stream),
            (std::vector<std::string>{"response.created", "response.in_progress",
                                      "response.output_item.added", "response.content_part.added",
                                      "response.output_text.delta", "response.output_text.delta",
                                      "response.output_text.done", "response.content_part.done",
                                      "response.output_item.done", "response.completed"}));
  EXPECT_EQ(last_response(stream), bj::parse(R"({"id":"resp_r1","object":"response","created_at":9,
"status":"completed","background":false,"error":null,"incomplete_details":null,"model":"m","output":[
{"id":"msg_r1_0","type":"message","status":"completed","role":"assistant","content":[
{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello\n"}]}],"previous_response_id":null,
"store":false,"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":3,"cache_write_tokens":0},
"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":12},"tools":[],"user":"u"})"));
  EXPECT_TRUE(stream.text.contains(
      "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"item_id\":"
      "\"msg_r1_0\",\"output_index\":0,\"content_index\":0,\"delta\":\"lo\\n\",\"logprobs\":[],"
      "\"sequence_number\":5}\n\n"));
}

TEST(ResponsesAnswer, ReasoningTextAndInterleavedCalls) {
  const auto stream = responses_of(events_of(
      chunk(R"({"reasoning_content":"Hm"})") + chunk(R"({"reasoning":"m"})") + chunk(R"({"content":"A"})") +
      chunk(
          R"({"tool_calls":[{"index":0,"id":"c0","type":"function","function":{"name":"f","arguments":""}}]})") +
      chunk(
          R"({"tool_calls":[{"index":1,"id":"c1","type":"function","function":{"name":"g","arguments":"{\"b\""}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})") +
      chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":":1}"}}]})", "\"tool_calls\"")));
  EXPECT_TRUE(stream.whole);
  EXPECT_EQ(last_response(stream).at("output"), bj::parse(R"([
{"id":"rs_r1_0","type":"reasoning","status":"completed","summary":[],"content":[{"type":"reasoning_text","text":"Hmm"}]},
{"id":"msg_r1_1","type":"message","status":"completed","role":"assistant","content":[
{"type":"output_text","annotations":[],"logprobs":[],"text":"A"}]},
{"id":"fc_r1_2","type":"function_call","status":"completed","call_id":"c0","name":"f","arguments":"{}"},
{"id":"fc_r1_3","type":"function_call","status":"completed","call_id":"c1","name":"g","arguments":"{\"b\":1}"}])"));
  const auto events = responses_events(stream.text);
  EXPECT_EQ(events.back().at("response").at("usage"), nullptr);
  std::vector<std::string> calls;
  for (const auto& event : events) {
    const std::string type(event.at("type").as_string());
    if (event.contains("output_index") && event.at("output_index").as_int64() >= 2)
      calls.push_back(type.substr(9) + " " + std::to_string(event.at("output_index").as_int64()));
  }
  EXPECT_EQ(calls, (std::vector<std::string>{
                       "output_item.added 2", "output_item.added 3", "function_call_arguments.delta 3",
                       "function_call_arguments.delta 2", "function_call_arguments.delta 3",
                       "function_call_arguments.done 2", "output_item.done 2",
                       "function_call_arguments.done 3", "output_item.done 3"}));
}

TEST(ResponsesAnswer, CallsAsOthersSendThem) {
  const auto stream = responses_of(events_of(
      chunk(R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]})") +
      chunk(R"({"tool_calls":[{"id":"b","function":{"name":"f","arguments":"{}"}}]})") +
      chunk(R"({"tool_calls":[{"index":7,"function":{"arguments":"{"}}]})") +
      chunk(R"({"tool_calls":[{"index":7,"function":{"name":"late","arguments":"}"}}]})", "\"stop\"")));
  const auto output = last_response(stream).at("output").as_array();
  ASSERT_EQ(output.size(), 3u);
  EXPECT_EQ(output[1].at("call_id"), "b");
  EXPECT_EQ(output[2].at("call_id"), "call_r1_2");
  EXPECT_EQ(output[2].at("name"), "late");
  EXPECT_EQ(output[2].at("arguments"), "{}");
  EXPECT_TRUE(stream.text.contains(R"("delta":"{","sequence_number")"));
}

TEST(ResponsesAnswer, ARefusalIsAPartOfItsOwn) {
  const auto stream = responses_of(events_of(chunk(R"({"content":"A"})") + chunk(R"({"refusal":"No"})") +
                                             chunk(R"({"refusal":"."})", "\"stop\"")));
  EXPECT_EQ(last_response(stream).at("output").at(0).at("content"),
            bj::parse(R"([{"type":"output_text","annotations":[],"logprobs":[],"text":"A"},
                          {"type":"refusal","refusal":"No."}])"));
}

TEST(ResponsesAnswer, CutOffAnswersAreIncomplete) {
  for (const auto& [finish, reason] :
       {std::pair("\"length\"", "max_output_tokens"), std::pair("\"content_filter\"", "content_filter")}) {
    const auto stream = responses_of(events_of(chunk(R"({"content":"A"})") + chunk("{}", finish) + "[DONE]"));
    EXPECT_EQ(types_of(stream).back(), "response.incomplete");
    EXPECT_EQ(last_response(stream).at("incomplete_details").at("reason"), reason);
    EXPECT_EQ(last_response(stream).at("status"), "incomplete");
    EXPECT_EQ(last_response(stream).at("output").at(0).at("status"), "incomplete");
  }
}

TEST(ResponsesAnswer, ErrorsFailTheResponse) {
  for (const std::string error :
       {R"({"error":{"message":"Out","type":"rate_limit_error"}})", R"({"error":"Out"})", "{", "[]"}) {
    for (const std::string& before : {std::string(), chunk(R"({"content":"A"})")}) {
      const auto stream = responses_of(events_of(before + error + "\n" + chunk("{}", "\"stop\"") + "[DONE]"));
      EXPECT_FALSE(stream.whole);
      const auto events = responses_events(stream.text);
      ASSERT_GE(events.size(), 4u);
      EXPECT_EQ(events.back().at("type"), "error");
      EXPECT_EQ(events[events.size() - 2].at("type"), "response.failed");
      EXPECT_EQ(events[events.size() - 2].at("response").at("status"), "failed");
      EXPECT_EQ(events.back().at("code"), error.contains("rate") ? "rate_limit_exceeded" : "server_error");
      EXPECT_EQ(events.back().at("error").at("message"), events.back().at("message"));
      if (error.contains("Out")) EXPECT_EQ(events.back().at("message"), "Out");
    }
  }
}

TEST(ResponsesAnswer, NotWholeWithoutAnEnd) {
  const auto open = responses_of(events_of(chunk(R"({"content":"A"})")));
  EXPECT_FALSE(open.whole);
  EXPECT_FALSE(open.text.contains("response.completed"));
  EXPECT_FALSE(responses_of("").whole);
  EXPECT_FALSE(responses_of("data: [DONE]\n\n").whole);
  EXPECT_EQ(responses_of(": comment\n\n").text, "");
  EXPECT_TRUE(responses_of(events_of(chunk(R"({"content":"A"})") + "[DONE]")).whole);
}

TEST(ResponsesAnswer, IsBounded) {
  const auto answer = make_chat_to_responses_answer(responses_context());
  const std::string event = "data: " + chunk(R"({"content":")" + std::string(1 << 20, 'a') + "\"}") + "\n";
  std::string out;
  for (int i = 0; i < 40; ++i) {
    out.clear();
    answer->event(event, out);
    if (out.contains("event: error")) break;
  }
  EXPECT_TRUE(out.contains("more than 32 MiB"));
}

TEST(ResponsesAnswer, AWholeAnswer) {
  const auto answer = make_chat_to_responses_answer(responses_context());
  const auto document = answer->document(R"({"id":"c","object":"chat.completion","created":9,"model":"m",
"choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"Hm","content":"A","refusal":null,
"tool_calls":[{"id":"c0","type":"function","function":{"name":"f","arguments":"{}"}},
{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],
"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})");
  ASSERT_TRUE(document);
  const auto response = bj::parse(*document).as_object();
  EXPECT_EQ(response.at("status"), "completed");
  EXPECT_EQ(response.at("output").as_array().size(), 4u);
  EXPECT_EQ(response.at("output").at(3).at("call_id"), "c1");
  EXPECT_EQ(response.at("usage").at("total_tokens"), 3);
  EXPECT_EQ(response.at("user"), "u");
  for (const std::string_view wrong : {"", "{", "[]", "{}", R"({"choices":[]})", R"({"choices":[{}]})"})
    EXPECT_FALSE(make_chat_to_responses_answer(responses_context())->document(wrong)) << wrong;
}

}  // namespace
}  // namespace punctual::dialects
