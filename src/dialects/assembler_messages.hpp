// Anthropic Messages (https://docs.anthropic.com/en/api/messages-streaming).
//
// message_start's message, its content blocks with their deltas, message_delta's stop reason, usage (what it
// names replaces, the rest stays) and other members. Events of unknown type are skipped, as the vendor asks;
// a delta of unknown type is an error that names it, because its block would not be what the vendor sends
// whole. The input of a tool is one JSON object; cut off by the limit on tokens it is `{}`. Whole with
// message_stop.
#pragma once

#include <vector>

#include "dialects/assembler_events.hpp"
#include "dialects/assembler_members.hpp"

namespace punctual::dialects {

class MessagesAssembler final : public AssemblerOfEvents {
 private:
  struct Block {
    AssembledMembers members;
    std::string input;  // the JSON text of `input`, as far as it came
  };
  static constexpr std::size_t blocks_max = 4096;

  bool take(const simdjson::dom::object& event) override;
  bool whole() const override { return stopped_; }
  std::size_t bytes() const override { return members_.bytes() + usage_.bytes() + block_bytes_; }
  bool write(std::string& out) override;

  bool take_start(const simdjson::dom::object& event);
  bool take_block_start(const simdjson::dom::object& event);
  bool take_block_delta(const simdjson::dom::object& event);
  bool take_delta(Block& block, const simdjson::dom::object& delta);
  bool take_message_delta(const simdjson::dom::object& event);
  void take_usage(const json::Element& value);
  bool write_block(std::string& out, const Block& block);

  AssembledMembers members_;
  AssembledMembers usage_;
  std::vector<Block> blocks_;
  std::size_t block_bytes_ = 0;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace punctual::dialects
