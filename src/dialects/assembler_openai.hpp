// Chat Completions (https://platform.openai.com/docs/api-reference/chat-streaming) and the older Completions,
// as OpenAI, llama-server, vLLM and what follows them stream them.
//
// Choices by `index`. In a delta strings and arrays are continued, anything else is the last value; the text,
// refusal and reasoning stand under the names that they came with. Tool calls are put together by their
// `index`: arguments are continued, all else is kept from the first. Of other members the last value counts,
// null only where nothing else came. Whole with `[DONE]`, or with a finish_reason of every choice.
#pragma once

#include <vector>

#include "dialects/assembler_events.hpp"
#include "dialects/assembler_members.hpp"

namespace punctual::dialects {

class OpenAiAssembler final : public AssemblerOfEvents {
 public:
  explicit OpenAiAssembler(StreamKind kind) : chat_(kind == StreamKind::chat_completions) {}

 private:
  struct ToolCall {
    std::int64_t index = 0;
    AssembledMembers members;
  };
  struct Choice {
    std::int64_t index = 0;
    AssembledMembers members;
    AssembledMembers message;
    std::vector<ToolCall> calls;
  };
  static constexpr std::int64_t choices_max = 256;
  static constexpr std::int64_t calls_max = 1024;

  bool take(const simdjson::dom::object& event) override;
  bool whole() const override;
  std::size_t bytes() const override { return members_.bytes() + inner_bytes_; }
  bool write(std::string& out) override;

  bool take_choice(const json::Element& value);
  bool take_choice_member(Choice& choice, std::string_view key, const json::Element& value);
  bool take_delta(Choice& choice, const json::Element& value);
  bool take_calls(Choice& choice, const json::Element& value);
  bool take_call(Choice& choice, const json::Element& value);
  bool unlike(std::string_view member);
  void write_choice(std::string& out, const Choice& choice) const;

  bool chat_;
  AssembledMembers members_;
  std::vector<Choice> choices_;
  std::size_t inner_bytes_ =
      0;  // of all choices, kept up to date: summing them up at each event would not be linear
};

}  // namespace punctual::dialects
