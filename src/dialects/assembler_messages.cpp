#include "dialects/assembler_messages.hpp"

#include <utility>

namespace punctual::dialects {

bool MessagesAssembler::take(const simdjson::dom::object& event) {
  const auto type = text_at(event, "type");
  if (type == "message_start") return take_start(event);
  if (type == "ping" || stopped_) return true;
  const bool known = type == "content_block_start" || type == "content_block_delta" ||
                     type == "message_delta" || type == "message_stop";
  if (known && !started_) return fail("a " + std::string(type) + " before a message_start");
  if (type == "content_block_start") return take_block_start(event);
  if (type == "content_block_delta") return take_block_delta(event);
  if (type == "message_delta") return take_message_delta(event);
  if (type == "message_stop") stopped_ = true;
  return true;
}

bool MessagesAssembler::take_start(const simdjson::dom::object& event) {
  if (std::exchange(started_, true)) return fail("a second message_start");
  simdjson::dom::object message;
  if (event["message"].get(message)) return fail("a message_start without a message");
  for (const auto [key, value] : message) {
    if (key == "usage") {
      members_.expect(key);
      take_usage(value);
    } else if (key == "content") {
      members_.expect(key);
    } else {
      members_.set(key, value);
    }
  }
  return true;
}

void MessagesAssembler::take_usage(const json::Element& value) {
  simdjson::dom::object counts;
  if (value.get(counts)) return;
  for (const auto [key, count] : counts)
    usage_.set(key, count);
}

bool MessagesAssembler::take_block_start(const simdjson::dom::object& event) {
  std::uint64_t index = 0;
  simdjson::dom::object start;
  if (event["index"].get(index) || index != blocks_.size() || index >= blocks_max)
    return fail("a content block whose `index` is not the next one, " + std::to_string(blocks_.size()));
  if (event["content_block"].get(start)) return fail("a content_block_start without a block");
  Block& block = blocks_.emplace_back();
  for (const auto [key, value] : start) {
    simdjson::dom::array items;
    // What deltas go on with is begun so that it can be gone on with.
    if (value.is_string() && (key == "text" || key == "thinking")) {
      (void)block.members.append(key, value);
    } else if (key == "citations" && !value.get(items)) {
      (void)block.members.append(key, value);
    } else {
      block.members.set(key, value);
    }
  }
  block_bytes_ += sizeof(Block) + block.members.bytes();
  return true;
}

bool MessagesAssembler::take_block_delta(const simdjson::dom::object& event) {
  std::uint64_t index = 0;
  simdjson::dom::object delta;
  if (event["index"].get(index) || index >= blocks_.size())
    return fail("a content_block_delta for a block that was not started");
  if (event["delta"].get(delta)) return fail("a content_block_delta without a delta");
  Block& block = blocks_[index];
  const std::size_t before = block.members.bytes() + block.input.size();
  if (!take_delta(block, delta)) return false;
  block_bytes_ += block.members.bytes() + block.input.size() - before;
  return true;
}

bool MessagesAssembler::take_delta(Block& block, const simdjson::dom::object& delta) {
  const auto type = text_at(delta, "type");
  json::Element value;
  const auto has = [&](const char* name) { return !delta[name].get(value); };
  const auto misshapen = [&] { return fail("a " + std::string(type) + " without its member"); };
  if (type == "text_delta") return (has("text") && block.members.append("text", value)) || misshapen();
  if (type == "thinking_delta")
    return (has("thinking") && block.members.append("thinking", value)) || misshapen();
  if (type == "signature_delta") {
    if (!has("signature")) return misshapen();
    block.members.set("signature", value);
    return true;
  }
  if (type == "input_json_delta") {
    std::string_view piece;
    if (!has("partial_json") || value.get(piece)) return misshapen();
    block.input.append(piece);
    return true;
  }
  if (type == "citations_delta") {
    if (!has("citation")) return misshapen();
    block.members.append_item("citations", value);
    return true;
  }
  return fail("a delta of the unknown type \"" + std::string(type.substr(0, 100)) + "\"");
}

bool MessagesAssembler::take_message_delta(const simdjson::dom::object& event) {
  for (const auto [key, value] : event) {
    simdjson::dom::object delta;
    if (key == "usage") {
      members_.expect(key);
      take_usage(value);
    } else if (key == "delta" && !value.get(delta)) {
      for (const auto [name, member] : delta)
        members_.set(name, member);
    } else if (key != "type" && key != "delta") {
      members_.set(key, value);
    }
  }
  return true;
}

bool MessagesAssembler::write_block(std::string& out, const Block& block) {
  if (block.input.empty()) {
    block.members.write(out);
    return true;
  }
  AssembledMembers members = block.members;
  const auto parsed = reader().read_copy(block.input);
  const auto reason = members_.string("stop_reason");
  if (parsed && parsed->is_object()) {
    members.set("input", *parsed);
  } else if (reason == "end_turn" || reason == "tool_use" || reason == "stop_sequence" || reason.empty()) {
    return fail("the input of a tool that is not a JSON object");
  } else {
    members.set_text("input", "{}");
  }
  members.write(out);
  return true;
}

bool MessagesAssembler::write(std::string& out) {
  std::string content = "[";
  for (const auto& block : blocks_) {
    if (content.size() > 1) content.push_back(',');
    if (!write_block(content, block)) return false;
  }
  AssembledMembers members = members_;
  members.set_text("content", content + "]");
  if (members.has("usage")) {
    std::string usage;
    usage_.write(usage);
    members.set_text("usage", std::move(usage));
  }
  members.write(out);
  return true;
}

}  // namespace punctual::dialects
