#include "dialects/responses_request.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

namespace punctual::dialects {
namespace {

RequestTranslation translate(std::string members) {
  json::Reader reader;
  std::string body = R"({"model":"asked")" + (members.empty() ? "" : "," + members) + "}";
  return chat_request_of_responses(body, "up\"stream", reader);
}

struct Pair {
  std::string_view what;
  std::string_view responses;  // members beside the model
  std::string_view chat;       // likewise
  std::vector<std::string> left_out{};
};

const Pair pairs[] = {
    {"text", R"("input":"Hi")", R"("messages":[{"role":"user","content":"Hi"}])"},
    {"instructions", R"("input":"Hi","instructions":"Be\nbrief")",
     R"("messages":[{"role":"system","content":"Be\nbrief"},{"role":"user","content":"Hi"}])"},
    {"roles",
     R"("input":[{"role":"developer","content":"d"},{"type":"message","role":"system","content":[{"type":"input_text","text":"s"}]},
        {"role":"user","content":"u"},{"role":"assistant","content":"a"},{"role":"user","content":[]}])",
     R"("messages":[{"role":"system","content":"d"},{"role":"system","content":"s"},{"role":"user","content":"u"},
        {"role":"assistant","content":"a"},{"role":"user","content":""}])"},
    {"parts",
     R"("input":[{"role":"user","content":[{"type":"input_text","text":"see"},
        {"type":"input_image","image_url":"data:image/png;base64,AA==","detail":"low"},
        {"type":"input_image","image_url":"https://x/y.png","detail":"original","file_id":null},
        {"type":"input_file","file_data":"data:application/pdf;base64,BB==","filename":"a.pdf"}]}])",
     R"("messages":[{"role":"user","content":[{"type":"text","text":"see"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}},
        {"type":"image_url","image_url":{"url":"https://x/y.png"}},
        {"type":"file","file":{"file_data":"data:application/pdf;base64,BB==","filename":"a.pdf"}}]}])",
     {"input.content.detail"}},
    {"a turn with tools",
     R"("input":[{"role":"user","content":"u"},
        {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"},
        {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[
          {"type":"output_text","text":"Let me see.","annotations":[],"logprobs":[]}]},
        {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"a\":1}","status":"completed"},
        {"type":"function_call","call_id":"c2","name":"g","arguments":"{}"},
        {"type":"function_call_output","call_id":"c1","output":"one"},
        {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"two"}]},
        {"type":"function_call","call_id":"c3","name":"f","arguments":""},
        {"role":"assistant","content":[{"type":"output_text","text":"x"},{"type":"output_text","text":"y"}]},
        {"type":"function_call_output","call_id":"c3","output":""}])",
     R"("messages":[{"role":"user","content":"u"},
        {"role":"assistant","content":"Let me see.","tool_calls":[
          {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},
          {"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"c1","content":"one"},{"role":"tool","tool_call_id":"c2","content":"two"},
        {"role":"assistant","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}],"tool_calls":[
          {"id":"c3","type":"function","function":{"name":"f","arguments":""}}]},
        {"role":"tool","tool_call_id":"c3","content":""}])",
     {"input.reasoning"}},
    {"a refusal, and what was said in two items",
     R"("input":[{"role":"assistant","content":[{"type":"refusal","refusal":"No"}]},{"role":"assistant","content":"b","phase":"final_answer"}])",
     R"("messages":[{"role":"assistant","content":null,"refusal":"No"},{"role":"assistant","content":"b"}])",
     {"input.phase"}},
    {"numbers and names",
     R"("input":"x","max_output_tokens":64,"temperature":0.5,"top_p":1,"user":"u","stream":true,
        "reasoning":{"effort":"low","summary":"auto"},"store":false,"background":false,"top_logprobs":0,
        "previous_response_id":null,"truncation":"disabled","include":[],"stream_options":null,"timeout":3)",
     R"("messages":[{"role":"user","content":"x"}],"max_tokens":64,"temperature":0.5,"top_p":1,"user":"u",
        "stream":true,"stream_options":{"include_usage":true},"reasoning_effort":"low")",
     {"reasoning.summary"}},
    {"what is left out",
     R"("input":"x","metadata":{"a":"b"},"service_tier":"auto","truncation":"auto","max_tool_calls":3,
        "include":["reasoning.encrypted_content"],"safety_identifier":"s","prompt_cache_key":"k","new":1,
        "stream":false,"stream_options":{"include_obfuscation":false})",
     R"("messages":[{"role":"user","content":"x"}])",
     {"include.reasoning.encrypted_content", "max_tool_calls", "metadata", "new", "prompt_cache_key",
      "safety_identifier", "service_tier", "stream_options.include_obfuscation", "truncation"}},
    {"tools",
     R"("input":"x","tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true},
        {"type":"function","name":"g","description":null,"parameters":null,"strict":null,"defer_loading":true}],
        "tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false)",
     R"("messages":[{"role":"user","content":"x"}],"tools":[
        {"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},
        {"type":"function","function":{"name":"g"}}],
        "tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false)",
     {"tools.defer_loading"}},
    {"no tools", R"("input":"x","tools":[],"tool_choice":"auto","parallel_tool_calls":true)",
     R"("messages":[{"role":"user","content":"x"}])"},
    {"a schema",
     R"("input":"x","text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true,"description":"d"}})",
     R"("messages":[{"role":"user","content":"x"}],"verbosity":"low","response_format":{"type":"json_schema",
        "json_schema":{"name":"n","schema":{"type":"object"},"strict":true,"description":"d"}})"},
    {"JSON", R"("input":"x","text":{"format":{"type":"json_object"}})",
     R"("messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"})"},
    {"plain text", R"("input":"x","text":{"format":{"type":"text"}})",
     R"("messages":[{"role":"user","content":"x"}])"},
};

TEST(ResponsesRequest, BecomesChat) {
  for (const auto& pair : pairs) {
    auto chat = translate(std::string(pair.responses));
    ASSERT_TRUE(chat) << pair.what << ": " << chat.error().message;
    const auto expected = R"({"model":"up\"stream",)" + std::string(pair.chat) + "}";
    EXPECT_EQ(boost::json::parse(chat->body), boost::json::parse(expected))
        << pair.what << ": " << chat->body;
    std::ranges::sort(chat->left_out);
    EXPECT_EQ(chat->left_out, pair.left_out) << pair.what;
    EXPECT_EQ(chat->answer.model, "asked");
    EXPECT_EQ(chat->answer.stream, chat->body.contains("\"stream\":true"));
  }
}

struct Refused {
  std::string_view responses;
  std::string_view param;
};

const Refused refused[] = {
    {"", "input"},
    {R"("input":null)", "input"},
    {R"("input":[])", "input"},
    {R"("input":7)", "input"},
    {R"("input":"a","input":"b")", "input"},
    {R"("input":["a"])", "input[0]"},
    {R"("input":[{}])", "input[0].type"},
    {R"("input":[{"type":1}])", "input[0].type"},
    {R"("input":[{"role":"user","content":"a"},{"type":"item_reference","id":"x"}])", "input[1].type"},
    {R"("input":[{"type":"web_search_call"}])", "input[0].type"},
    {R"("input":[{"role":"robot","content":"a"}])", "input[0].role"},
    {R"("input":[{"role":"user"}])", "input[0].content"},
    {R"("input":[{"role":"user","content":1}])", "input[0].content"},
    {R"("input":[{"role":"user","content":[{"type":"input_audio"}]}])", "input[0].content[0].type"},
    {R"("input":[{"role":"user","content":[{"type":"input_text","text":1}]}])", "input[0].content[0].text"},
    {R"("input":[{"role":"user","content":[{"type":"input_image","file_id":"f"}]}])",
     "input[0].content[0].file_id"},
    {R"("input":[{"role":"user","content":[{"type":"input_image"}]}])", "input[0].content[0].image_url"},
    {R"("input":[{"role":"user","content":[{"type":"input_image","image_url":"ftp:"}]}])",
     "input[0].content[0].image_url"},
    {R"("input":[{"role":"user","content":[{"type":"input_file","file_url":"u"}]}])",
     "input[0].content[0].file_url"},
    {R"("input":[{"role":"user","content":[{"type":"input_file","file_id":"u"}]}])",
     "input[0].content[0].file_id"},
    {R"("input":[{"role":"assistant","content":[{"type":"input_image","image_url":"data:"}]}])",
     "input[0].content[0].type"},
    {R"("input":[{"type":"function_call","call_id":"c","name":"f"}])", "input[0].arguments"},
    {R"("input":[{"type":"function_call_output","output":"o"}])", "input[0].call_id"},
    {R"("input":[{"type":"function_call_output","call_id":"c"}])", "input[0].output"},
    {R"("input":"x","instructions":["a"])", "instructions"},
    {R"("input":"x","store":true)", "store"},
    {R"("input":"x","store":"no")", "store"},
    {R"("input":"x","background":true)", "background"},
    {R"("input":"x","previous_response_id":"resp_1")", "previous_response_id"},
    {R"("input":"x","conversation":{"id":"c"})", "conversation"},
    {R"("input":"x","prompt":{"id":"p"})", "prompt"},
    {R"("input":"x","include":["message.output_text.logprobs"])", "include[0]"},
    {R"("input":"x","include":["reasoning.encrypted_content","file_search_call.results"])", "include[1]"},
    {R"("input":"x","truncation":"some")", "truncation"},
    {R"("input":"x","top_logprobs":2)", "top_logprobs"},
    {R"("input":"x","max_output_tokens":0)", "max_output_tokens"},
    {R"("input":"x","max_output_tokens":1.5)", "max_output_tokens"},
    {R"("input":"x","temperature":"hot")", "temperature"},
    {R"("input":"x","stream":1)", "stream"},
    {R"("input":"x","user":1)", "user"},
    {R"("input":"x","metadata":1)", "metadata"},
    {R"("input":"x","reasoning":"high")", "reasoning"},
    {R"("input":"x","reasoning":{"effort":3})", "reasoning.effort"},
    {R"("input":"x","text":{"format":{"type":"grammar"}})", "text.format.type"},
    {R"("input":"x","text":{"format":{"type":"json_schema","schema":{}}})", "text.format.name"},
    {R"("input":"x","text":{"format":{"type":"json_schema","name":"n"}})", "text.format.schema"},
    {R"("input":"x","text":{"verbosity":1})", "text.verbosity"},
    {R"("input":"x","tools":{})", "tools"},
    {R"("input":"x","tools":[{"type":"function","name":"f"},{"type":"web_search"}])", "tools[1].type"},
    {R"("input":"x","tools":[{"type":"custom","name":"f"}])", "tools[0].type"},
    {R"("input":"x","tools":[{"type":"function"}])", "tools[0].name"},
    {R"("input":"x","tools":[{"type":"function","name":"f","strict":"yes"}])", "tools[0].strict"},
    {R"("input":"x","tools":[{"type":"function","name":"f","parameters":[]}])", "tools[0].parameters"},
    {R"("input":"x","tool_choice":"any")", "tool_choice"},
    {R"("input":"x","tool_choice":{"type":"file_search"})", "tool_choice.type"},
    {R"("input":"x","tool_choice":{"type":"function"})", "tool_choice.name"},
    {R"("input":"x","parallel_tool_calls":"no")", "parallel_tool_calls"},
};

TEST(ResponsesRequest, IsRefusedByName) {
  for (const auto& [members, param] : refused) {
    const auto chat = translate(std::string(members));
    ASSERT_FALSE(chat) << members << chat->body;
    EXPECT_EQ(chat.error().status, 400);
    EXPECT_EQ(chat.error().param, param) << members;
    EXPECT_TRUE(chat.error().message.contains("`" + std::string(param) + "`")) << chat.error().message;
  }
  json::Reader reader;
  for (std::string body : {"", "{", "[]"})
    EXPECT_EQ(chat_request_of_responses(body, "m", reader).error().status, 400);
}

TEST(ResponsesRequest, TheAnswerRepeatsIt) {
  const auto plain = translate(R"("input":"x")");
  EXPECT_EQ(
      plain->answer.repeated_members,
      R"("instructions":null,"max_output_tokens":null,"metadata":{},"parallel_tool_calls":true,)"
      R"("reasoning":{"effort":null,"summary":null},"temperature":null,"text":{"format":{"type":"text"}},)"
      R"("tool_choice":"auto","tools":[],"top_p":null,"truncation":"disabled")");
  const auto full = translate(
      R"("input":"x","user":"u","tools":[{"type":"function","name":"f"}],"metadata":{"a":"b"},"temperature":0)");
  EXPECT_TRUE(full->answer.repeated_members.contains(R"("tools":[{"type":"function","name":"f"}])"));
  EXPECT_TRUE(full->answer.repeated_members.contains(R"("metadata":{"a":"b"})"));
  EXPECT_TRUE(full->answer.repeated_members.contains(R"("temperature":0)"));
  EXPECT_TRUE(full->answer.repeated_members.ends_with(R"("user":"u")"));
}

}  // namespace
}  // namespace punctual::dialects
