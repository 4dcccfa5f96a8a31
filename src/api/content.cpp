#include "api/content.hpp"

#include <cstring>

#include "http/sse.hpp"

namespace punctual::api {

namespace {

using simdjson::dom::array;
using simdjson::dom::object;

bool filled_string(const object& in, const char* key) {
  std::string_view text;
  return !in[key].get(text) && !text.empty();
}

bool filled_array(const object& in, const char* key) {
  array items;
  return !in[key].get(items) && items.size() > 0;
}

bool is_object(const object& in, const char* key) {
  object inner;
  return !in[key].get(inner);
}

// A delta (or message) of the OpenAI shape.
bool carries_content(const object& delta) {
  return filled_string(delta, "content") || filled_array(delta, "content") ||
         filled_string(delta, "reasoning_content") || filled_string(delta, "reasoning") ||
         filled_array(delta, "tool_calls") || filled_string(delta, "refusal") ||
         is_object(delta, "function_call") || is_object(delta, "audio") ||
         filled_array(delta, "reasoning_details");
}

void read_count(const object& in, const char* key, std::optional<std::uint64_t>& count) {
  std::uint64_t value = 0;
  if (!in[key].get(value)) count = value;
}

// One walk: the members are few, and each lookup would be a walk of its own. Of two of a name the first
// counts; the names of the one dialect yield to those of the other.
Usage read_usage(const object& in) {
  Usage usage;
  Usage other;
  const auto note = [](const simdjson::dom::element& value, std::optional<std::uint64_t>& count) {
    std::uint64_t number = 0;
    if (!count && !value.get(number)) count = number;
  };
  for (const auto [key, value] : in) {
    object details;
    if (key == "prompt_tokens") {
      note(value, usage.prompt_tokens);
    } else if (key == "completion_tokens") {
      note(value, usage.completion_tokens);
    } else if (key == "input_tokens") {
      note(value, other.prompt_tokens);
    } else if (key == "output_tokens") {
      note(value, other.completion_tokens);
    } else if (key == "cache_read_input_tokens" || key == "prompt_cache_hit_tokens" ||
               key == "cached_tokens") {  // Anthropic; DeepSeek; Together
      note(value, other.cached_tokens);
    } else if ((key == "prompt_tokens_details" || key == "input_tokens_details") && !value.get(details)) {
      read_count(details, "cached_tokens", usage.cached_tokens);
    } else if ((key == "completion_tokens_details" || key == "output_tokens_details") &&
               !value.get(details)) {
      read_count(details, "reasoning_tokens", usage.reasoning_tokens);
    }
  }
  if (other.prompt_tokens) usage.prompt_tokens = other.prompt_tokens;
  if (other.completion_tokens) usage.completion_tokens = other.completion_tokens;
  if (!usage.cached_tokens) usage.cached_tokens = other.cached_tokens;
  return usage;
}

// The last `"usage"` of a document, looked for from its end: the `g` is rarer there than a quote.
std::size_t find_usage(std::string_view document) {
  constexpr std::string_view key = "\"usage\"";
  constexpr std::size_t place_of_g = 4;
  std::size_t end = document.size();
  while (end > 0) {
    const void* const found = ::memrchr(document.data(), 'g', end);
    if (!found) break;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - document.data());
    if (at >= place_of_g && document.substr(at - place_of_g, key.size()) == key) return at - place_of_g;
    end = at;
  }
  return std::string_view::npos;
}

EventKind read_openai(const object& event) {
  array choices;
  if (event["choices"].get(choices)) return EventKind::silence;
  EventKind kind = EventKind::silence;
  for (const auto choice : choices) {
    object delta;
    if (!choice["delta"].get(delta) && carries_content(delta)) return EventKind::content;
    object fields;
    if (choice.get(fields)) continue;
    if (filled_string(fields, "text")) return EventKind::content;
    if (filled_string(fields, "finish_reason")) kind = EventKind::progress;
  }
  return kind;
}

EventKind read_anthropic(std::string_view type, const object& event, Usage& usage) {
  if (type == "content_block_delta") return EventKind::content;
  if (type == "error") return EventKind::error;
  if (type == "message_stop") return EventKind::done;
  if (type == "message_start") {
    object counts;
    if (!event["message"]["usage"].get(counts)) usage.update(read_usage(counts));
    return EventKind::silence;
  }
  if (type == "content_block_start") {
    std::string_view block;
    return !event["content_block"]["type"].get(block) && block == "tool_use" ? EventKind::content
                                                                             : EventKind::silence;
  }
  return type == "message_delta" || type == "content_block_stop" ? EventKind::progress : EventKind::silence;
}

// OpenAI Responses: the event's type says what it is.
EventKind read_responses(std::string_view type, const object& event, Usage& usage) {
  object counts;
  if (!event["response"]["usage"].get(counts)) usage.update(read_usage(counts));
  if (type.ends_with(".delta")) return EventKind::content;
  if (type == "response.completed" || type == "response.incomplete") return EventKind::done;
  if (type == "response.failed") return EventKind::error;
  const bool begins =
      type == "response.created" || type == "response.in_progress" || type == "response.queued";
  return begins ? EventKind::silence : EventKind::progress;
}

bool contains(std::string_view text, std::string_view pattern) {
  return ::memmem(text.data(), text.size(), pattern.data(), pattern.size()) != nullptr;
}

// `"content":"x`: inside a JSON string the quotes would be escaped, so this can only be the member itself.
bool plainly_content(std::string_view data) {
  constexpr std::string_view pattern = "\"content\":\"";
  const void* found = ::memmem(data.data(), data.size(), pattern.data(), pattern.size());
  if (!found) return false;
  const char* value = static_cast<const char*>(found) + pattern.size();
  return value < data.data() + data.size() && *value != '"';
}

}  // namespace

void Usage::update(const Usage& newer) {
  if (newer.prompt_tokens) prompt_tokens = newer.prompt_tokens;
  if (newer.completion_tokens) completion_tokens = newer.completion_tokens;
  if (newer.cached_tokens) cached_tokens = newer.cached_tokens;
  if (newer.reasoning_tokens) reasoning_tokens = newer.reasoning_tokens;
}

EventKind ContentReader::read(std::string_view event, Usage& usage) {
  constexpr std::string_view plain_data = "data: {";
  if (event.starts_with(plain_data) && plainly_content(event) && !contains(event, "\"usage\":{")) {
    return EventKind::content;
  }
  const auto fields = http::sse_fields(event, joined_);
  if (!fields.has_data || fields.data.empty()) return EventKind::silence;
  if (fields.data == "[DONE]") return EventKind::done;
  const EventKind kind = read_data(fields.data, usage);
  return fields.event == "error" ? EventKind::error : kind;
}

EventKind ContentReader::read_data(std::string_view data, Usage& usage) {
  const auto document = reader_.read_copy(data);
  object event;
  if (!document || document->get(event)) return EventKind::silence;
  object counts;
  const bool counted = !event["usage"].get(counts) || !event["x_groq"]["usage"].get(counts);
  if (counted) usage.update(read_usage(counts));
  std::string_view type;
  if (!event["type"].get(type)) {
    if (type.starts_with("response.")) return read_responses(type, event, usage);
    const EventKind kind = read_anthropic(type, event, usage);
    if (kind != EventKind::silence) return kind;
  }
  if (is_object(event, "error")) return EventKind::error;
  if (is_object(event, "prompt_progress")) return EventKind::progress;
  const EventKind kind = read_openai(event);
  return kind == EventKind::silence && counted ? EventKind::progress : kind;
}

Usage ContentReader::usage_of(std::string_view document) {
  constexpr std::string_view key = "\"usage\"";
  // The member stands near the end of an answer, behind what may be megabytes of embeddings.
  const auto at = find_usage(document);
  if (at == std::string_view::npos) return {};
  const auto open = document.find_first_not_of(" \t\r\n:", at + key.size());
  if (open == std::string_view::npos || document[open] != '{') return {};
  int depth = 0;
  std::size_t end = open;
  for (; end < document.size(); ++end) {
    if (document[end] == '{') ++depth;
    if (document[end] == '}' && --depth == 0) break;
  }
  const auto parsed = reader_.read_copy(document.substr(open, end + 1 - open));
  object counts;
  if (!parsed || parsed->get(counts)) return {};
  return read_usage(counts);
}

}  // namespace punctual::api
