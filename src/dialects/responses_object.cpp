// The response object, its items and their parts.
#include "dialects/json_text.hpp"
#include "dialects/responses_output.hpp"

namespace punctual::dialects {

namespace {

std::uint64_t count_at(const object& in, std::string_view key) {
  std::uint64_t count = 0;
  (void)in[key].get(count);
  return count;
}

std::string_view status_text(ResponsesOutput::Status status) {
  using Status = ResponsesOutput::Status;
  switch (status) {
    case Status::in_progress:
      return "in_progress";
    case Status::completed:
      return "completed";
    case Status::failed:
      return "failed";
    default:
      return "incomplete";
  }
}

}  // namespace

void ResponsesOutput::set_usage(const object& usage) {
  object details;
  const std::uint64_t input = count_at(usage, "prompt_tokens");
  const std::uint64_t output = count_at(usage, "completion_tokens");
  std::uint64_t cached = 0;
  std::uint64_t written = 0;
  std::uint64_t reasoning = 0;
  if (find(usage, "prompt_tokens_details", details)) {
    cached = count_at(details, "cached_tokens");
    written = count_at(details, "cache_write_tokens");
  }
  if (find(usage, "completion_tokens_details", details)) reasoning = count_at(details, "reasoning_tokens");
  std::uint64_t total = 0;
  if (usage["total_tokens"].get(total)) total = input + output;
  usage_ = "{";
  append_member(usage_, "input_tokens", input);
  append_key(usage_, "input_tokens_details");
  append_member(usage_.append("{"), "cached_tokens", cached);
  append_member(usage_, "cache_write_tokens", written);
  append_member(usage_.append("}"), "output_tokens", output);
  append_key(usage_, "output_tokens_details");
  append_member(usage_.append("{"), "reasoning_tokens", reasoning);
  append_member(usage_.append("}"), "total_tokens", total);
  usage_.push_back('}');
}

void ResponsesOutput::write_part(const Item& item, const Part& part, std::string& out) {
  if (part.refusal) {
    out.append(R"({"type":"refusal","refusal":")").append(part.text).append("\"}");
  } else if (item.kind == Kind::reasoning) {
    out.append(R"({"type":"reasoning_text","text":")").append(part.text).append("\"}");
  } else {
    out.append(R"({"type":"output_text","annotations":[],"logprobs":[],"text":")")
        .append(part.text)
        .append("\"}");
  }
}

void ResponsesOutput::write_item(const Item& item, std::string& out) const {
  out.append(R"({"id":")").append(item.id).push_back('"');
  append_member(out, "status", item.cut ? "incomplete" : item.done ? "completed" : "in_progress");
  if (item.kind == Kind::call) {
    const std::string_view number = std::string_view(item.id).substr(3);
    out.append(R"(,"type":"function_call","call_id":")");
    if (item.call_id.empty()) {
      out.append("call_").append(number);
    } else {
      out.append(item.call_id);
    }
    out.append(R"(","name":")").append(item.name);
    out.append(R"(","arguments":")").append(item.arguments).append("\"}");
    return;
  }
  out.append(item.kind == Kind::message ? R"(,"type":"message","role":"assistant","content":[)"
                                        : R"(,"type":"reasoning","summary":[],"content":[)");
  for (const auto& part : item.parts) {
    append_comma(out);
    write_part(item, part, out);
  }
  out.append("]}");
}

void ResponsesOutput::write_response(Status status, std::string& out) const {
  out.append(R"({"id":"resp_)");
  append_escaped(out, context_.request_id);
  append_member(out.append(R"(","object":"response")"), "created_at", context_.created);
  append_member(out, "status", status_text(status));
  append_raw_member(out, "background", "false");
  append_raw_member(out, "error", error_);
  append_raw_member(out, "incomplete_details",
                    status == Status::out_of_tokens ? R"({"reason":"max_output_tokens"})"
                    : status == Status::filtered    ? R"({"reason":"content_filter"})"
                                                    : "null");
  append_member(out, "model", std::string_view(context_.model));
  append_key(out, "output");
  out.push_back('[');
  for (const std::size_t at : outputs_) {
    append_comma(out);
    write_item(items_[at], out);
  }
  out.push_back(']');
  append_raw_member(out, "previous_response_id", "null");
  append_raw_member(out, "store", "false");
  append_raw_member(out, "usage", usage_);
  if (!context_.repeated_members.empty()) out.append(",").append(context_.repeated_members);
  out.push_back('}');
}

}  // namespace punctual::dialects
