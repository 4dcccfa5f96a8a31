#include "dialects/answer_events.hpp"

#include "dialects/json_text.hpp"
#include "http/sse.hpp"

namespace punctual::dialects {

namespace {

void read_count(const object& in, std::string_view key, std::uint64_t& count) {
  std::uint64_t value = 0;
  // A bound, so that sums cannot overflow.
  if (!in[key].get(value) && value < std::uint64_t{1} << 48) count = value;
}

}  // namespace

UpstreamEvent EventReader::read(std::string_view event) {
  UpstreamEvent read;
  const auto fields = http::sse_fields(event, joined_);
  if (!fields.has_data || fields.data.empty()) return read;
  if (fields.data == "[DONE]") {
    read.kind = UpstreamEventKind::done;
    return read;
  }
  const auto document = reader_.read_copy(fields.data);
  const bool is_object = document && !document->get(read.data);
  if (is_object) read.document = *document;
  read.kind = is_object ? UpstreamEventKind::data : UpstreamEventKind::broken;
  read.named_error = fields.event == "error";
  return read;
}

void TokenCounts::read_chat(const object& usage) {
  object details;
  known = true;
  read_count(usage, "prompt_tokens", input);
  read_count(usage, "completion_tokens", output);
  if (find(usage, "prompt_tokens_details", details)) read_count(details, "cached_tokens", cached);
  if (find(usage, "completion_tokens_details", details)) read_count(details, "reasoning_tokens", reasoning);
  if (cached > input) cached = input;
}

void TokenCounts::read_messages(const object& usage) {
  known = true;
  read_count(usage, "input_tokens", uncached_);
  read_count(usage, "cache_read_input_tokens", cached);
  read_count(usage, "cache_creation_input_tokens", cache_written);
  read_count(usage, "output_tokens", output);
  input = uncached_ + cached + cache_written;
}

void TokenCounts::append_as_chat(std::string& out) const {
  out.push_back('{');
  append_member(out, "prompt_tokens", input);
  append_member(out, "completion_tokens", output);
  append_member(out, "total_tokens", input + output);
  append_raw_member(out, "prompt_tokens_details", "{");
  append_member(out, "cached_tokens", cached);
  out.append("}}");
}

void TokenCounts::append_as_messages(std::string& out) const {
  out.push_back('{');
  append_member(out, "input_tokens", input - cached);
  append_member(out, "cache_creation_input_tokens", cache_written);
  append_member(out, "cache_read_input_tokens", cached);
  append_member(out, "output_tokens", output);
  out.push_back('}');
}

std::string answer_id(std::string_view prefix, std::string_view other_prefix, std::string_view id,
                      std::string_view request_id) {
  if (id.empty()) id = request_id;
  if (id.starts_with(other_prefix)) id.remove_prefix(other_prefix.size());
  if (id.starts_with(prefix)) id.remove_prefix(prefix.size());
  return std::string(prefix).append(id);
}

std::string_view stop_reason_of(std::string_view finish_reason, bool has_tools) {
  if (finish_reason == "length") return "max_tokens";
  if (finish_reason == "content_filter") return "refusal";
  // Some servers say "stop" behind tool calls.
  if (has_tools || finish_reason == "tool_calls" || finish_reason == "function_call") return "tool_use";
  return "end_turn";
}

std::string_view finish_reason_of(std::string_view stop_reason) {
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded") return "length";
  if (stop_reason == "tool_use") return "tool_calls";
  if (stop_reason == "refusal") return "content_filter";
  return "stop";
}

}  // namespace punctual::dialects
