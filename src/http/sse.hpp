// Server-Sent Events (WHATWG HTML, section 9.2), as far as a relay needs them: where events end, what is in
// them.
//
// Lines end with LF or CRLF; a CR alone is not taken for an end of line (no LLM server sends it).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace punctual::http {

// Walks the events of a stream. `bytes` starts at an event boundary; each call of `next` gives the next whole
// event, its terminating blank line included, until none is left; `rest` is then what has no end yet.
class SseEvents {
 public:
  explicit SseEvents(std::string_view bytes, std::size_t scanned = 0) : bytes_(bytes), from_(scanned) {}

  bool next(std::string_view& event);
  std::string_view rest() const { return bytes_.substr(begin_); }
  std::size_t consumed() const { return begin_; }

 private:
  std::string_view bytes_;
  std::size_t begin_ = 0;
  std::size_t from_;
};

// One event, taken apart. `data` is the value of its data line; an event of several data lines has them
// joined in `joined`, which the caller provides.
struct SseFields {
  std::string_view event;
  std::string_view data;
  bool has_data = false;
};
SseFields sse_fields(std::string_view event, std::string& joined);

// Appends an event with this name (none if empty) and this data, which must be one line.
void append_sse_event(std::string& out, std::string_view name, std::string_view data);

// What keeps a silent stream open: a comment, which no SDK takes for an event.
inline constexpr std::string_view sse_heartbeat = ": keep-alive\n\n";
// The same for clients of Anthropic Messages, whose API has an event for it.
inline constexpr std::string_view messages_heartbeat = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

}  // namespace punctual::http
