#include "dialects/responses_output.hpp"

#include <algorithm>
#include <utility>

#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

// A member whose text is escaped already.
void append_escaped_member(std::string& out, std::string_view key, std::string_view text) {
  append_key(out, key);
  out.append("\"").append(text).push_back('"');
}

}  // namespace

void ResponsesOutput::set_model(std::string_view model) {
  if (!model.empty() && !begun_) context_.model = model;
}

void ResponsesOutput::begin(std::string& out) {
  if (std::exchange(begun_, true)) return;
  respond("response.created", Status::in_progress, out);
  respond("response.in_progress", Status::in_progress, out);
}

ResponsesOutput::Item& ResponsesOutput::add_item(Kind kind, std::string_view prefix) {
  Item& item = items_.emplace_back();
  item.kind = kind;
  item.id = std::string(prefix) + escaped(context_.request_id) + "_" + std::to_string(items_.size() - 1);
  bytes_ += sizeof(Item) + item.id.size();
  return item;
}

void ResponsesOutput::add_reasoning(std::string_view text, std::string& out) {
  add_to_part(Kind::reasoning, false, text, out);
}

void ResponsesOutput::add_text(std::string_view text, std::string& out) {
  add_to_part(Kind::message, false, text, out);
}

void ResponsesOutput::add_refusal(std::string_view text, std::string& out) {
  add_to_part(Kind::message, true, text, out);
}

void ResponsesOutput::add_to_part(Kind kind, bool refusal, std::string_view text, std::string& out) {
  if (text.empty()) return;
  if (text_ != none && items_[text_].kind != kind) end_text(out);
  if (text_ == none) {
    announce(add_item(kind, kind == Kind::message ? "msg_" : "rs_"), out);
    text_ = items_.size() - 1;
  }
  Item& item = items_[text_];
  if (item.parts.empty() || item.parts.back().refusal != refusal) open_part(item, refusal, out);
  Part& part = item.parts.back();
  const std::size_t before = part.text.size();
  append_escaped(part.text, text);
  bytes_ += part.text.size() - before;
  open_part_event(kind == Kind::reasoning ? "response.reasoning_text.delta"
                  : refusal               ? "response.refusal.delta"
                                          : "response.output_text.delta",
                  item, out);
  append_escaped_member(out, "delta", std::string_view(part.text).substr(before));
  if (kind == Kind::message && !refusal) out.append(R"(,"logprobs":[])");
  close_event(out);
}

void ResponsesOutput::open_part(Item& item, bool refusal, std::string& out) {
  if (!item.parts.empty()) end_part(item, out);
  item.parts.push_back({refusal, {}});
  bytes_ += sizeof(Part);
  open_part_event("response.content_part.added", item, out);
  append_key(out, "part");
  write_part(item, item.parts.back(), out);
  close_event(out);
}

void ResponsesOutput::end_part(const Item& item, std::string& out) {
  const Part& part = item.parts.back();
  open_part_event(item.kind == Kind::reasoning ? "response.reasoning_text.done"
                  : part.refusal               ? "response.refusal.done"
                                               : "response.output_text.done",
                  item, out);
  append_escaped_member(out, part.refusal ? "refusal" : "text", part.text);
  if (item.kind == Kind::message && !part.refusal) out.append(R"(,"logprobs":[])");
  close_event(out);
  open_part_event("response.content_part.done", item, out);
  append_key(out, "part");
  write_part(item, part, out);
  close_event(out);
}

void ResponsesOutput::announce(Item& item, std::string& out) {
  item.announced = true;
  item.output_index = outputs_.size();
  outputs_.push_back(static_cast<std::size_t>(&item - items_.data()));
  open_event("response.output_item.added", out);
  append_member(out, "output_index", item.output_index);
  append_key(out, "item");
  write_item(item, out);
  close_event(out);
}

// Calls come in the order of their index, and go on with the last one, in all but rare cases.
ResponsesOutput::Item& ResponsesOutput::call_at(std::int64_t index) {
  if (last_call_ != none && items_[last_call_].index == index) return items_[last_call_];
  const auto place =
      std::ranges::lower_bound(calls_, index, {}, [this](std::size_t at) { return items_[at].index; });
  if (place != calls_.end() && items_[*place].index == index) {
    last_call_ = *place;
  } else {
    last_call_ = items_.size();
    calls_.insert(place, last_call_);
    add_item(Kind::call, "fc_").index = index;
  }
  return items_[last_call_];
}

std::int64_t ResponsesOutput::index_without(std::string_view id) const {
  if (last_call_ == none) return 0;
  const Item& last = items_[last_call_];
  return id.empty() || escaped(id) == last.call_id ? last.index : items_[calls_.back()].index + 1;
}

bool ResponsesOutput::add_call(std::int64_t index, std::string_view id, std::string_view name,
                               std::string_view arguments, std::string& out) {
  if (index < 0 || index >= static_cast<std::int64_t>(calls_max)) return false;
  end_text(out);
  Item& call = call_at(index);
  const std::size_t before = call.call_id.size() + call.name.size() + call.arguments.size();
  if (call.call_id.empty() && !call.announced) append_escaped(call.call_id, id);
  if (call.name.empty() && !call.announced) append_escaped(call.name, name);
  if (!call.announced && !call.name.empty()) announce_call(call, out);
  if (call.announced) {
    add_arguments(call, escaped(arguments), out);
  } else {
    append_escaped(call.arguments, arguments);
  }
  bytes_ += call.call_id.size() + call.name.size() + call.arguments.size() - before;
  return true;
}

// The item begins empty; what came before its name did is told as a delta.
void ResponsesOutput::announce_call(Item& call, std::string& out) {
  const std::string held = std::exchange(call.arguments, {});
  announce(call, out);
  add_arguments(call, held, out);
}

void ResponsesOutput::add_arguments(Item& call, std::string_view escaped_text, std::string& out) {
  if (escaped_text.empty()) return;
  call.arguments.append(escaped_text);
  open_item_event("response.function_call_arguments.delta", call, out);
  append_escaped_member(out, "delta", escaped_text);
  close_event(out);
}

void ResponsesOutput::end_text(std::string& out) {
  if (text_ == none) return;
  end_item(items_[text_], out);
  text_ = none;
}

void ResponsesOutput::end_item(Item& item, std::string& out) {
  item.done = true;
  if (item.kind != Kind::call) {
    if (!item.parts.empty()) end_part(item, out);
  } else {
    open_item_event("response.function_call_arguments.done", item, out);
    append_escaped_member(out, "name", item.name);
    append_escaped_member(out, "arguments", item.arguments);
    close_event(out);
  }
  open_event("response.output_item.done", out);
  append_member(out, "output_index", item.output_index);
  append_key(out, "item");
  write_item(item, out);
  close_event(out);
}

void ResponsesOutput::finish(Status status, std::string& out) {
  begin(out);
  const bool cut = status != Status::completed;
  if (text_ != none) items_[text_].cut = cut;
  end_text(out);
  for (const std::size_t at : calls_) {
    Item& call = items_[at];
    call.cut = cut && at == last_call_;
    if (!call.announced) announce_call(call, out);
    end_item(call, out);
  }
  respond(cut ? "response.incomplete" : "response.completed", status, out);
}

void ResponsesOutput::open_event(std::string_view name, std::string& out) {
  out.append("event: ").append(name).append("\ndata: {\"type\":\"").append(name).push_back('"');
}

void ResponsesOutput::open_item_event(std::string_view name, const Item& item, std::string& out) {
  open_event(name, out);
  append_escaped_member(out, "item_id", item.id);
  append_member(out, "output_index", item.output_index);
}

void ResponsesOutput::open_part_event(std::string_view name, const Item& item, std::string& out) {
  open_item_event(name, item, out);
  append_member(out, "content_index", item.parts.size() - 1);
}

void ResponsesOutput::close_event(std::string& out) {
  append_member(out, "sequence_number", sequence_++);
  out.append("}\n\n");
}

void ResponsesOutput::respond(std::string_view name, Status status, std::string& out) {
  open_event(name, out);
  append_key(out, "response");
  write_response(status, out);
  close_event(out);
}

void ResponsesOutput::fail(std::string_view message, std::string_view code, std::string& out) {
  begin(out);
  error_ = "{";
  append_member(error_, "code", code);
  append_member(error_, "message", message);
  error_.push_back('}');
  respond("response.failed", Status::failed, out);
  open_event("error", out);
  append_member(out, "code", code);
  append_member(out, "message", message);
  append_raw_member(out, "param", "null");
  append_key(out, "error");
  append_member(out.append("{"), "type", code);
  append_member(out, "code", code);
  append_member(out, "message", message);
  append_raw_member(out, "param", "null");
  out.push_back('}');
  close_event(out);
}

}  // namespace punctual::dialects
