#include "dialects/assembler_events.hpp"

#include "dialects/json_text.hpp"
#include "dialects/request_writing.hpp"
#include "http/sse.hpp"

namespace punctual::dialects {

bool AssemblerOfEvents::fail(std::string problem) {
  problem_ = std::move(problem);
  return false;
}

bool AssemblerOfEvents::event(std::string_view event) {
  if (!problem_.empty()) return false;
  const auto fields = http::sse_fields(event, joined_);
  if (!fields.has_data || fields.data.empty() || done_) return true;
  if (fields.data == "[DONE]") return done_ = true;
  if (!take_data(fields.event, fields.data)) return false;
  if (bytes() > document_bytes_max) return fail("an answer of more than 32 MiB");
  return true;
}

bool AssemblerOfEvents::take_data(std::string_view name, std::string_view data) {
  const auto parsed = reader_.read_copy(data);
  simdjson::dom::object members;
  if (!parsed) return fail("an event that is not JSON: " + parsed.error());
  json::Element error;
  if (!parsed->get(members) && !members["error"].get(error) && !error.is_null()) return take_error(error);
  if (name == "error") return take_error(*parsed);
  if (!parsed->is_object()) return fail("an event that is " + described(*parsed) + ", not an object");
  return take(members);
}

bool AssemblerOfEvents::take_error(const json::Element& error) {
  simdjson::dom::object members;
  std::string_view message;
  if (!error.get(members)) {
    message = text_at(members, "message");
    append_value(upstream_error_, error);
  } else {
    (void)error.get(message);
    append_value(upstream_error_.append(R"({"message":)"), error);
    upstream_error_.push_back('}');
  }
  return fail(message.empty() ? "an error event" : "an error event: " + std::string(message));
}

std::string_view AssemblerOfEvents::text_at(const simdjson::dom::object& in, std::string_view key) {
  std::string_view text;
  (void)in[key].get(text);
  return text;
}

std::expected<std::string, std::string> AssemblerOfEvents::document() {
  std::string text;
  if (problem_.empty() && !whole()) (void)fail("a stream that ended before its answer was whole");
  if (!problem_.empty() || !write(text)) return std::unexpected(problem_);
  return text;
}

}  // namespace punctual::dialects
