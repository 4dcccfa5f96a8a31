#include "chat/model_answer.hpp"

#include "http/sse.hpp"

namespace punctual::chat {

namespace {

std::string_view text_of(const json::Element& in, const char* key) {
  std::string_view text;
  if (in[key].get(text)) return {};
  return text;
}

}  // namespace

bool ModelAnswer::take(std::size_t bytes) {
  bytes_ += bytes;
  excessive_ = excessive_ || bytes_ > bytes_max;
  return !excessive_;
}

void ModelAnswer::feed(std::string_view bytes, std::vector<Delta>& deltas) {
  const std::size_t scanned = rest_.size();
  rest_.append(bytes);
  http::SseEvents events(rest_, scanned);
  std::string_view event;
  while (!ended() && events.next(event))
    read_event(event, deltas);
  rest_.erase(0, events.consumed());
  excessive_ = excessive_ || rest_.size() > event_bytes_max;
}

void ModelAnswer::read_event(std::string_view event, std::vector<Delta>& deltas) {
  const auto fields = http::sse_fields(event, joined_);
  if (!fields.has_data) return;
  if (fields.data == "[DONE]") {
    done_ = true;
    return;
  }
  if (fields.event == "error") {
    problem_ = fields.data;
    return;
  }
  const auto chunk = reader_.read_copy(fields.data);
  if (!chunk) {
    error_ = "It sent an event that is not JSON: " + chunk.error();
    return;
  }
  read_chunk(*chunk, deltas);
}

void ModelAnswer::read_chunk(const json::Element& chunk, std::vector<Delta>& deltas) {
  json::Element error;
  if (!chunk["error"].get(error) && !error.is_null()) {
    std::string_view message;
    if (error.get(message) && error["message"].get(message)) message = "It said no more than that.";
    error_ = message;
    return;
  }
  json::Element usage;
  if (!chunk["usage"].get(usage) && usage.is_object()) {
    usage_.emplace();
    if (usage["prompt_tokens"].get(usage_->prompt_tokens)) usage_->prompt_tokens = 0;
    if (usage["completion_tokens"].get(usage_->completion_tokens)) usage_->completion_tokens = 0;
  }
  json::Element choice;
  if (chunk["choices"].at(0).get(choice)) return;
  if (const auto reason = text_of(choice, "finish_reason"); !reason.empty()) finish_reason_ = reason;
  json::Element part;
  if (choice["delta"].get(part)) return;
  Delta delta{std::string(text_of(part, "content")), std::string(text_of(part, "reasoning_content"))};
  if (delta.reasoning.empty()) delta.reasoning = text_of(part, "reasoning");
  if (!take(delta.text.size() + delta.reasoning.size())) return;
  text_ += delta.text;
  if (!delta.text.empty() || !delta.reasoning.empty()) deltas.push_back(std::move(delta));
  simdjson::dom::array calls;
  if (part["tool_calls"].get(calls)) return;
  for (const auto call : calls)
    read_call(call);
}

// Pieces of one call have its index; some servers send calls whole, each with the index 0 and an id of its
// own.
void ModelAnswer::read_call(const json::Element& part) {
  std::int64_t index = 0;
  if (part["index"].get(index)) index = 0;
  const auto id = text_of(part, "id");
  json::Element function;
  if (part["function"].get(function)) function = part;
  const auto name = text_of(function, "name");
  const auto arguments = text_of(function, "arguments");
  std::size_t place = calls_.size();
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (indices_[i] == index) place = i;
  }
  const bool another = place < calls_.size() && !id.empty() && !name.empty() && !calls_[place].id.empty() &&
                       calls_[place].id != id;
  if (place == calls_.size() || another) {
    if (calls_.size() == calls_max) {
      excessive_ = true;
      return;
    }
    place = calls_.size();
    calls_.emplace_back();
    indices_.push_back(index);
  }
  if (!take(id.size() + name.size() + arguments.size())) return;
  auto& call = calls_[place];
  if (!id.empty()) call.id = id;
  call.name += name == call.name ? std::string_view() : name;
  call.arguments += arguments;
}

}  // namespace punctual::chat
