#include "dialects/messages_to_chat_request.hpp"

#include <gtest/gtest.h>

#include "dialects/translation_testing.hpp"

namespace punctual::dialects {
namespace {

struct Case {
  const char* name;
  const char* members;  // of the request, beside the model
  const char* wanted;   // of the translation, beside the model
  std::vector<std::string> left_out = {};
};

const Case cases[] = {
    {"text", R"("max_tokens":1024,"messages":[{"role":"user","content":"Hello, Claude"}])",
     R"("messages":[{"role":"user","content":"Hello, Claude"}],"max_tokens":1024)"},
    {"several turns and a prefill",
     R"("messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},
        {"role":"user","content":[{"type":"text","text":"What is \"x\"?"}]},
        {"role":"assistant","content":[{"type":"text","text":"It "},{"type":"text","text":"is ("}]}])",
     R"("messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},
        {"role":"user","content":"What is \"x\"?"},{"role":"assistant","content":"It is ("}])"},
    {"system blocks",
     R"("system":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}],
        "messages":[{"role":"user","content":"Hi"}])",
     R"("messages":[{"role":"system","content":"a\n\nb"},{"role":"user","content":"Hi"}])",
     {"cache_control"}},
    {"images and documents",
     R"("messages":[{"role":"user","content":[
        {"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"/9j/4A"}},
        {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},
        {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"},"title":"a.pdf"},
        {"type":"document","source":{"type":"text","media_type":"text/plain","data":"grass"},"title":"T",
         "citations":{"enabled":true}},
        {"type":"text","text":"?"}]}])",
     R"("messages":[{"role":"user","content":[
        {"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/4A"}},
        {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},
        {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}},
        {"type":"text","text":"T\ngrass"},{"type":"text","text":"?"}]}])",
     {"document.citations"}},
    {"tools and their results",
     R"("tools":[{"name":"get_weather","description":"d","input_schema":{"type":"object","properties":{}},
                  "strict":true}],
        "messages":[{"role":"user","content":"Weather?"},
        {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},
          {"type":"text","text":"I look."},
          {"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"location":"Paris","n":1.5}},
          {"type":"tool_use","id":"toolu_2","name":"get_weather","input":{}}]},
        {"role":"user","content":[{"type":"text","text":"and now?"},
          {"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"a"},{"type":"text","text":"b"},
            {"type":"image","source":{"type":"url","url":"https://e/i"}}]},
          {"type":"tool_result","tool_use_id":"toolu_2","content":"no such city","is_error":true}]}])",
     R"("messages":[{"role":"user","content":"Weather?"},
        {"role":"assistant","content":"I look.","tool_calls":[
          {"id":"toolu_1","type":"function","function":{"name":"get_weather","arguments":"{\"location\":\"Paris\",\"n\":1.5}"}},
          {"id":"toolu_2","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"toolu_1","content":"a\nb\n[continued in the next message]"},
        {"role":"tool","tool_call_id":"toolu_2","content":"Error: no such city"},
        {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e/i"}},{"type":"text","text":"and now?"}]}],
        "tools":[{"type":"function","function":{"name":"get_weather","description":"d",
          "parameters":{"type":"object","properties":{}},"strict":true}}])",
     {"thinking"}},
    {"only results", R"("messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}])",
     R"("messages":[{"role":"tool","tool_call_id":"t","content":""}])"},
    {"sampling and the rest",
     R"("messages":[{"role":"user","content":"Hi"}],"temperature":0.5,"top_p":0.9,"top_k":5,"stream":true,
        "metadata":{"user_id":"u"},"stop_sequences":["a","b"],"service_tier":"auto","x y":1,"nothing":null,
        "system":null,"timeout":5)",
     R"("messages":[{"role":"user","content":"Hi"}],"temperature":0.5,"top_p":0.9,"user":"u","stop":["a","b"],
        "stream":true,"stream_options":{"include_usage":true})",
     {"top_k", "service_tier", "x_y"}},
    {"thinking, little",
     R"("messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"enabled","budget_tokens":4095})",
     R"("messages":[{"role":"user","content":"Hi"}],"reasoning_effort":"low")"},
    {"thinking, more",
     R"("messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"enabled","budget_tokens":4096})",
     R"("messages":[{"role":"user","content":"Hi"}],"reasoning_effort":"medium")"},
    {"thinking, much",
     R"("messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"enabled","budget_tokens":16384})",
     R"("messages":[{"role":"user","content":"Hi"}],"reasoning_effort":"high")"},
    {"thinking, as it likes",
     R"("messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"max"})",
     R"("messages":[{"role":"user","content":"Hi"}],"reasoning_effort":"high")"},
    {"no thinking",
     R"("messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"disabled"},"output_config":{"effort":"low"})",
     R"("messages":[{"role":"user","content":"Hi"}])"},
    {"choice of a tool",
     R"("messages":[{"role":"user","content":"Hi"}],"tools":[{"name":"t","input_schema":{}}],
        "tool_choice":{"type":"tool","name":"t","disable_parallel_tool_use":true})",
     R"("messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"t","parameters":{}}}],
        "tool_choice":{"type":"function","function":{"name":"t"}},"parallel_tool_calls":false)"},
    {"choice of any tool",
     R"("messages":[{"role":"user","content":"Hi"}],"tools":[{"name":"t","type":"custom","input_schema":{}}],
        "tool_choice":{"type":"any"})",
     R"("messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"t","parameters":{}}}],
        "tool_choice":"required")"},
    {"format",
     R"("messages":[{"role":"user","content":"Hi"}],
        "output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})",
     R"("messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema",
        "json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}})"},
};

TEST(ChatRequestOfMessages, IsTheSameRequest) {
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    std::string body = R"({"model":"claude","max_tokens_":null,)" + std::string(test.members) + "}";
    json::Reader reader;
    const auto request = chat_request_of_messages(body, "up\"stream", reader);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(parsed(request->body), parsed(R"({"model":"up\"stream",)" + std::string(test.wanted) + "}"))
        << request->body;
    EXPECT_EQ(request->left_out, test.left_out);
    EXPECT_EQ(request->answer.model, "claude");
  }
}

struct Refusal {
  const char* body;
  const char* param;
  const char* message;
};

const Refusal refusals[] = {
    {R"({})", "messages", "`messages` is missing; it must be an array of messages."},
    {R"([])", "", "The body is an array; a JSON object is expected."},
    {R"({"messages":[]})", "messages", "`messages` is empty; it must have a message."},
    {R"({"messages":"x"})", "messages", "`messages` is \"x\"; it must be an array."},
    {R"({"messages":[],"messages":[]})", "messages", "`messages` stands twice in the body."},
    {R"({"messages":[{"role":"tool","content":"x"}]})", "messages[0].role",
     "`messages[0].role` is \"tool\"; it must be \"user\" or \"assistant\"."},
    {R"({"messages":[{"role":"user","content":"x"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"hologram"}]}]})",
     "messages[1].content[1].type", nullptr},
    {R"({"messages":[{"role":"user","content":[{"type":"text","text":7}]}]})", "messages[0].content[0].text",
     "`messages[0].content[0].text` is 7; it must be a string."},
    {R"({"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]})",
     "messages[0].content[0].source.type", nullptr},
    {R"({"messages":[{"role":"assistant","content":[{"type":"server_tool_use"}]}]})",
     "messages[0].content[0].type", nullptr},
    {R"({"messages":[{"role":"user","content":"x"}],"tools":[{"type":"web_search_20250305","name":"web_search"}]})",
     "tools[0].type", nullptr},
    {R"({"messages":[{"role":"user","content":"x"}],"stop_sequences":["1","2","3","4","5"]})",
     "stop_sequences", "`stop_sequences` has 5 items; the upstream of this model takes at most 4."},
    {R"({"messages":[{"role":"user","content":"x"}],"max_tokens":-1})", "max_tokens",
     "`max_tokens` is -1; it must be a whole number of 0 or more."},
    {R"({"messages":[{"role":"user","content":"x"}],"stream":"yes"})", "stream", nullptr},
    {R"({"messages":[{"role":"user","content":"x"}],"mcp_servers":[{}]})", "mcp_servers", nullptr},
    {R"({"messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"maybe"}})", "tool_choice.type",
     nullptr},
};

TEST(ChatRequestOfMessages, NamesWhatCannotBeExpressed) {
  for (const auto& test : refusals) {
    SCOPED_TRACE(test.body);
    std::string body = test.body;
    json::Reader reader;
    const auto request = chat_request_of_messages(body, "m", reader);
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().status, 400);
    EXPECT_EQ(request.error().param, test.param);
    if (test.message) EXPECT_EQ(request.error().message, test.message);
  }
}

}  // namespace
}  // namespace punctual::dialects
