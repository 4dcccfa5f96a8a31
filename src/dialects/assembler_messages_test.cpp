// Pairs as Anthropic sends them.
#include "dialects/assembler_testing.hpp"

namespace punctual::dialects {
namespace {

constexpr auto messages = StreamKind::messages;

constexpr std::string_view start =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":0,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":0},"output_tokens":1,"service_tier":"standard"}}}
)";

std::string with_start(std::string_view lines) {
  return std::string(start) + std::string(lines);
}

TEST(AssemblerMessages, TextThinkingAndTools) {
  expect_assembled(
      messages,
      with_start(
          R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
{"type":"ping"}
{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let "}}
{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"me"}}
{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB=="}}
{"type":"content_block_stop","index":0}
{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Gl\u00fcck"}}
{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":" \ud83c\udf40"}}
{"type":"content_block_stop","index":1}
{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}}
{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}
{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"location\":"}}
{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":" \"Ulm\"}"}}
{"type":"content_block_stop","index":2}
{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_2","name":"time","input":{}}}
{"type":"content_block_stop","index":3}
{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":89,"input_tokens":25}}
{"type":"message_stop"})"),
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
{"type":"thinking","thinking":"Let me","signature":"EqQB=="},{"type":"text","text":"Glück 🍀"},
{"type":"tool_use","id":"toolu_1","name":"weather","input":{"location":"Ulm"}},
{"type":"tool_use","id":"toolu_2","name":"time","input":{}}],"stop_reason":"tool_use","stop_sequence":null,
"usage":{"input_tokens":25,"cache_creation_input_tokens":0,"cache_read_input_tokens":7,
"cache_creation":{"ephemeral_5m_input_tokens":0},"output_tokens":89,"service_tier":"standard"}})");
}

TEST(AssemblerMessages, CitationsAndServerTools) {
  expect_assembled(
      messages,
      with_start(
          R"({"type":"content_block_start","index":0,"content_block":{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"u"}]}}
{"type":"content_block_stop","index":0}
{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","citations":[]}}
{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"x"}}}
{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"y"}}}
{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"It is."}}
{"type":"something_new"}
{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END","container":{"id":"c"}},"usage":{"output_tokens":3,"server_tool_use":{"web_search_requests":1}},"context_management":{"applied_edits":[]}}
{"type":"message_stop"})"),
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"u"}]},
{"type":"text","text":"It is.","citations":[{"type":"char_location","cited_text":"x"},
{"type":"char_location","cited_text":"y"}]}],"stop_reason":"stop_sequence","stop_sequence":"END",
"container":{"id":"c"},"context_management":{"applied_edits":[]},"usage":{"input_tokens":25,
"cache_creation_input_tokens":0,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":0},
"output_tokens":3,"service_tier":"standard","server_tool_use":{"web_search_requests":1}}})");
}

std::string tool_cut_by(std::string_view reason) {
  return with_start(
             R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}
{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}
{"type":"message_delta","delta":{"stop_reason":")") +
         std::string(reason) + "\"}}\n{\"type\":\"message_stop\"}";
}

std::string problem_of(std::string_view lines) {
  const auto document = assemble(messages, events_of(lines));
  return document ? "none: " + *document : document.error();
}

TEST(AssemblerMessages, TellsWhatIsWrong) {
  EXPECT_EQ(problem_of(start), "a stream that ended before its answer was whole");
  EXPECT_EQ(problem_of(R"({"type":"message_stop"})"), "a message_stop before a message_start");
  EXPECT_EQ(problem_of(with_start(start)), "a second message_start");
  EXPECT_EQ(problem_of(with_start(R"({"type":"content_block_start","index":1,"content_block":{}})")),
            "a content block whose `index` is not the next one, 0");
  EXPECT_EQ(problem_of(with_start(R"({"type":"content_block_delta","index":0,"delta":{}})")),
            "a content_block_delta for a block that was not started");
  const std::string block =
      R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
      "\n";
  EXPECT_EQ(
      problem_of(with_start(
          block + R"({"type":"content_block_delta","index":0,"delta":{"type":"new_delta","text":"a"}})")),
      "a delta of the unknown type \"new_delta\"");
  EXPECT_EQ(problem_of(with_start(
                block + R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}})")),
            "a text_delta without its member");
  EXPECT_EQ(problem_of(tool_cut_by("tool_use")), "the input of a tool that is not a JSON object");
  EXPECT_TRUE(problem_of(tool_cut_by("max_tokens")).starts_with("none: "));
  EXPECT_EQ(
      problem_of(with_start(R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})")),
      "an error event: Busy");
}

}  // namespace
}  // namespace punctual::dialects
