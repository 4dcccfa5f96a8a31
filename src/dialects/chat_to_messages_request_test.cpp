#include "dialects/chat_to_messages_request.hpp"

#include <gtest/gtest.h>

#include "dialects/translation_testing.hpp"

namespace punctual::dialects {
namespace {

struct Case {
  const char* name;
  const char* members;
  const char* wanted;
  std::vector<std::string> left_out = {};
};

#define HI R"("messages":[{"role":"user","content":"Hi"}])"
#define HI_BLOCKS R"("messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}])"
#define WEATHER R"("tools":[{"type":"function","function":{"name":"t","parameters":{"properties":{}}}}])"
#define WEATHER_TOOL R"({"name":"t","input_schema":{"type":"object","properties":{}}})"
#define JSON_TOOL(schema)                                                                         \
  R"({"name":"give_json_answer","description":"Gives the answer to the user, as a JSON object. )" \
  R"(Use it for every answer.","input_schema":)" schema "}"

const Case cases[] = {
    {"text", HI, HI_BLOCKS R"(,"max_tokens":8192)"},
    {"system, wherever",
     R"("messages":[{"role":"developer","content":"a"},{"role":"user","content":"Hi"},
        {"role":"system","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}],"max_completion_tokens":5)",
     R"("system":"a\nb\nc",)" HI_BLOCKS R"(,"max_tokens":5)"},
    {"parts",
     R"("max_tokens":9,"messages":[{"role":"user","name":"n","content":[{"type":"text","text":"?"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO","detail":"high"}},
        {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},
        {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}}]}])",
     R"("max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"?"},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}},
        {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},
        {"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}}]}])",
     {"messages[].name", "image_url.detail"}},
    {"calls and results",
     R"("max_tokens":9,"messages":[{"role":"user","content":"Weather?"},
        {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[
          {"id":"call:1","type":"function","function":{"name":"t","arguments":"{\"a\": [1, 2]}"}},
          {"id":"call_2","type":"function","function":{"name":"t","arguments":""}}]},
        {"role":"tool","tool_call_id":"call:1","content":"sunny"},
        {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"cold"}]},
        {"role":"user","content":"So?"},
        {"role":"assistant","content":"","refusal":"No."},{"role":"assistant","content":"Yes."}])",
     R"("max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"Weather?"}]},
        {"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"t","input":{"a":[1,2]}},
          {"type":"tool_use","id":"call_2","name":"t","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"sunny"},
          {"type":"tool_result","tool_use_id":"call_2","content":[{"type":"text","text":"cold"}]},
          {"type":"text","text":"So?"}]},
        {"role":"assistant","content":[{"type":"text","text":"No."},{"type":"text","text":"Yes."}]}])",
     {"messages[].reasoning_content"}},
    {"sampling and the rest",
     HI
     R"(,"max_tokens":9,"temperature":1.5,"top_p":0.5,"stop":"x","stream":true,"stream_options":{"include_usage":true},
        "user":"u","seed":1,"frequency_penalty":0,"presence_penalty":0.5,"n":1,"logprobs":false,"logit_bias":{},
        "modalities":["text"],"store":true,"metadata":{"a":"b"},"service_tier":"auto","verbosity":"low","timeout":3)",
     HI_BLOCKS R"(,"max_tokens":9,"temperature":1,"top_p":0.5,"stop_sequences":["x"],"stream":true,
        "metadata":{"user_id":"u"})",
     {"store", "metadata", "service_tier", "verbosity", "seed", "presence_penalty", "temperature"}},
    {"tools", HI "," WEATHER R"(,"tool_choice":"required","parallel_tool_calls":false)",
     HI_BLOCKS R"(,"tools":[)" WEATHER_TOOL
               R"(],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"max_tokens":8192)"},
    {"a named tool", HI "," WEATHER R"(,"tool_choice":{"type":"function","function":{"name":"t"}})",
     HI_BLOCKS R"(,"tools":[)" WEATHER_TOOL
               R"(],"tool_choice":{"type":"tool","name":"t"},"max_tokens":8192)"},
    {"one call at a time", HI "," WEATHER R"(,"parallel_tool_calls":false)",
     HI_BLOCKS R"(,"tools":[)" WEATHER_TOOL
               R"(],"tool_choice":{"type":"auto","disable_parallel_tool_use":true},"max_tokens":8192)"},
    {"a JSON object", HI R"(,"response_format":{"type":"json_object"})",
     HI_BLOCKS R"(,"tools":[)" JSON_TOOL(
         R"({"type":"object"})") R"(],"tool_choice":{"type":"tool","name":"give_json_answer","disable_parallel_tool_use":true},"max_tokens":8192)"},
    {"a schema beside tools",
     HI "," WEATHER R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,
        "schema":{"type":"object","required":["a"]}}})",
     HI_BLOCKS R"(,"tools":[)" WEATHER_TOOL "," JSON_TOOL(
         R"({"type":"object","required":["a"]})") R"(],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"max_tokens":8192)",
     {"response_format.json_schema.strict"}},
    {"effort",
     HI R"(,"reasoning_effort":"medium","temperature":0.2)",
     HI_BLOCKS R"(,"thinking":{"type":"enabled","budget_tokens":4096},"max_tokens":12288)",
     {"temperature"}},
    {"effort within a bound", HI R"(,"reasoning_effort":"high","max_completion_tokens":4000)",
     HI_BLOCKS R"(,"thinking":{"type":"enabled","budget_tokens":2000},"max_tokens":4000)"},
    {"effort beyond a bound",
     HI R"(,"reasoning_effort":"high","max_completion_tokens":2000)",
     HI_BLOCKS R"(,"max_tokens":2000)",
     {"reasoning_effort"}},
    {"Anthropic's own thinking", HI R"(,"thinking":{"type":"enabled","budget_tokens":2000})",
     HI_BLOCKS R"(,"thinking":{"type":"enabled","budget_tokens":2000},"max_tokens":10192)"},
};

TEST(MessagesRequestOfChat, IsTheSameRequest) {
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    std::string body = R"({"model":"gpt",)" + std::string(test.members) + "}";
    json::Reader reader;
    const auto request = messages_request_of_chat(body, "claude", reader);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(parsed(request->body), parsed(R"({"model":"claude",)" + std::string(test.wanted) + "}"))
        << request->body;
    EXPECT_EQ(request->left_out, test.left_out);
    EXPECT_EQ(request->answer.model, "gpt");
    EXPECT_EQ(request->answer.wants_json, request->body.find("give_json_answer") != std::string::npos);
    EXPECT_EQ(request->answer.include_usage, body.find("include_usage") != std::string::npos);
  }
}

struct Refusal {
  const char* members;
  const char* param;
};

const Refusal refusals[] = {
    {R"("x":1)", "messages"},
    {R"("messages":[{"role":"system","content":"x"}])", "messages"},
    {R"("messages":[{"role":"function","name":"f","content":"x"}])", "messages[0].role"},
    {R"("messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}])",
     "messages[0].content[0].type"},
    {R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:,x"}}]}])",
     "messages[0].content[0].image_url.url"},
    {R"("messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}])",
     "messages[0].content[0].file.file_id"},
    {R"("messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"n","arguments":"{"}}]}])",
     "messages[0].tool_calls[0].function.arguments"},
    {R"("messages":[{"role":"assistant","function_call":{}}])", "messages[0].function_call"},
    {R"("messages":[{"role":"tool","content":"x"}])", "messages[0].tool_call_id"},
    {HI R"(,"n":2)", "n"},
    {HI R"(,"logprobs":true)", "logprobs"},
    {HI R"(,"top_logprobs":3)", "top_logprobs"},
    {HI R"(,"logit_bias":{"1":2})", "logit_bias"},
    {HI R"(,"modalities":["text","audio"])", "modalities"},
    {HI R"(,"web_search_options":{})", "web_search_options"},
    {HI R"(,"functions":[{}])", "functions"},
    {HI R"(,"temperature":"hot")", "temperature"},
    {HI R"(,"tools":[{"type":"custom","custom":{}}])", "tools[0].type"},
    {HI R"(,"tool_choice":{"type":"allowed_tools"})", "tool_choice.type"},
    {HI R"(,"reasoning_effort":"huge")", "reasoning_effort"},
    {HI R"(,"response_format":{"type":"grammar"})", "response_format.type"},
    {HI R"(,"stop":[1])", "stop[0]"},
};

TEST(MessagesRequestOfChat, NamesWhatCannotBeExpressed) {
  for (const auto& test : refusals) {
    SCOPED_TRACE(test.members);
    std::string body = "{" + std::string(test.members) + "}";
    json::Reader reader;
    const auto request = messages_request_of_chat(body, "m", reader);
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().status, 400);
    EXPECT_EQ(request.error().param, test.param);
    EXPECT_NE(request.error().message.find("`" + std::string(test.param) + "`"), std::string::npos);
  }
}

}  // namespace
}  // namespace punctual::dialects
