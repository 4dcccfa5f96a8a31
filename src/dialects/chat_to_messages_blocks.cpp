#include "dialects/chat_to_messages_blocks.hpp"

namespace punctual::dialects {

bool MessagesBlocks::fail(std::string problem) {
  problem_ = std::move(problem);
  return false;
}

bool MessagesBlocks::new_block(Kind kind) {
  if (blocks_.size() >= blocks_max) {
    return fail("more than " + std::to_string(blocks_max) + " pieces of content");
  }
  blocks_.emplace_back().kind = kind;
  return true;
}

bool MessagesBlocks::add(Kind kind, std::string_view text, std::string& out) {
  if (text.empty()) return true;
  if ((blocks_.empty() || blocks_.back().kind != kind) && !new_block(kind)) return false;
  return put(blocks_.size() - 1, text, out) && advance(out);
}

std::size_t MessagesBlocks::find_call(std::int64_t index, std::string_view id) const {
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    const Block& block = blocks_[i];
    if (block.kind != Kind::tool || (index >= 0 && block.index != index)) continue;
    // Some servers give every call the index 0; another id is another call.
    const bool same = id.empty() || block.id.empty() || block.id == id;
    if (same) return i;
    if (index < 0) continue;
  }
  return blocks_.size();
}

bool MessagesBlocks::add_call(std::int64_t index, std::string_view id, std::string_view name,
                              std::string_view arguments, std::string& out) {
  const std::size_t at = find_call(index, id);
  if (at == blocks_.size()) {
    if (!new_block(Kind::tool)) return false;
    blocks_.back().index = index < 0 ? static_cast<std::int64_t>(calls_) : index;
    ++calls_;
  }
  Block& block = blocks_[at];
  if (block.id.empty()) block.id = id;
  if (block.name.empty()) block.name = name;
  return put(at, arguments, out) && advance(out);
}

bool MessagesBlocks::put(std::size_t at, std::string_view text, std::string& out) {
  Block& block = blocks_[at];
  if (block.kind == Kind::tool) block.arguments.read(text);
  if (text.empty()) return true;
  if (at == front_ && open_) {
    append_delta(block.kind, text, out);
    return true;
  }
  if (at < front_) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos ||
           fail("arguments of a tool call after they had come to their end");
  }
  waiting_bytes_ += text.size();
  if (waiting_bytes_ > waiting_bytes_max) {
    return fail("more than " + std::to_string(waiting_bytes_max >> 20) + " MiB of tool calls in turn");
  }
  block.waiting.append(text);
  return true;
}

bool MessagesBlocks::advance(std::string& out) {
  while (front_ < blocks_.size()) {
    Block& block = blocks_[front_];
    if (!open_) {
      if (block.kind == Kind::tool && block.name.empty()) return true;
      append_start(block, out);
      open_ = true;
      if (!block.waiting.empty()) append_delta(block.kind, block.waiting, out);
      waiting_bytes_ -= block.waiting.size();
      block.waiting = {};
    }
    if (front_ + 1 == blocks_.size()) return true;
    if (block.kind == Kind::tool && !block.arguments.whole()) return true;
    close(out);
  }
  return true;
}

bool MessagesBlocks::finish(std::string& out) {
  while (front_ < blocks_.size()) {
    if (!advance(out)) return false;
    if (!open_) return fail("a tool call without the name of the tool");
    close(out);
  }
  return true;
}

void MessagesBlocks::close(std::string& out) {
  out.append("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":");
  out.append(std::to_string(front_)).append("}\n\n");
  open_ = false;
  ++front_;
}

void MessagesBlocks::append_start(const Block& block, std::string& out) const {
  out.append("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":");
  out.append(std::to_string(front_)).append(R"(,"content_block":{"type":)");
  switch (block.kind) {
    case Kind::text:
      out.append(R"("text","text":"")");
      break;
    case Kind::thinking:
      // Nobody but Anthropic can sign; clients want the member.
      out.append(R"("thinking","thinking":"","signature":"")");
      break;
    case Kind::tool:
      out.append(R"("tool_use","id":")");
      if (block.id.empty()) {
        out.append("toolu_");
        append_escaped(out, answer_id_);
        out.append("_").append(std::to_string(front_));
      } else {
        append_escaped(out, block.id);
      }
      out.append(R"(","name":)");
      append_string(out, block.name);
      out.append(R"(,"input":{})");
      break;
  }
  out.append("}}\n\n");
}

void MessagesBlocks::append_delta(Kind kind, std::string_view text, std::string& out) const {
  out.append("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":");
  out.append(std::to_string(front_)).append(R"(,"delta":)");
  switch (kind) {
    case Kind::text:
      out.append(R"({"type":"text_delta","text":)");
      break;
    case Kind::thinking:
      out.append(R"({"type":"thinking_delta","thinking":)");
      break;
    case Kind::tool:
      out.append(R"({"type":"input_json_delta","partial_json":)");
      break;
  }
  append_string(out, text);
  out.append("}}\n\n");
}

}  // namespace punctual::dialects
