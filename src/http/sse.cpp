#include "http/sse.hpp"

#include <cstring>

namespace punctual::http {

bool SseEvents::next(std::string_view& event) {
  const char* const data = bytes_.data();
  std::size_t at = from_ > begin_ ? from_ : begin_;
  while (at < bytes_.size()) {
    const void* found = std::memchr(data + at, '\n', bytes_.size() - at);
    if (!found) break;
    const auto line_feed = static_cast<std::size_t>(static_cast<const char*>(found) - data);
    // The line is empty if it starts right behind the previous line feed, or at the event's first byte.
    const std::size_t before = line_feed > begin_ && data[line_feed - 1] == '\r' ? line_feed - 1 : line_feed;
    if (before == begin_ || data[before - 1] == '\n') {
      event = bytes_.substr(begin_, line_feed + 1 - begin_);
      begin_ = line_feed + 1;
      return true;
    }
    at = line_feed + 1;
  }
  from_ = bytes_.size();
  return false;
}

SseFields sse_fields(std::string_view event, std::string& joined) {
  SseFields fields;
  bool several = false;
  while (!event.empty()) {
    const auto end = event.find('\n');
    std::string_view line = event.substr(0, end);
    event = end == std::string_view::npos ? std::string_view{} : event.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") fields.event = value;
    if (name != "data") continue;
    if (fields.has_data) {
      if (!several) joined.assign(fields.data);
      several = true;
      joined.append("\n").append(value);
    } else {
      fields.data = value;
    }
    fields.has_data = true;
  }
  if (several) fields.data = joined;
  return fields;
}

void append_sse_event(std::string& out, std::string_view name, std::string_view data) {
  if (!name.empty()) out.append("event: ").append(name).append("\n");
  out.append("data: ").append(data).append("\n\n");
}

}  // namespace punctual::http
