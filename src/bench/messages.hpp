// The bytes that travel: one request, one answer, one event, each of a fixed size, and how to find one's way
// in them.
//
// Requests carry the number of the stream they belong to, and events the time at which they were sent, so
// that both ends of a proxy can be compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"

namespace punctual::bench {

inline constexpr std::size_t request_body_bytes = 200;
inline constexpr std::size_t answer_body_bytes = 600;

struct RequestShape {
  std::uint64_t number = 0;
  bool stream = false;
  std::string_view path = "/v1/chat/completions";
  std::optional<deadline::Duration> timeout = {};  // as X-Request-Timeout
};
std::string request_text(const RequestShape& shape);

// The number in a request's body; 0 where there is none.
std::uint64_t number_in(std::string_view body);

// A whole answer, head included.
const std::string& answer_text();
// The head of an answer that is a stream.
std::string_view stream_head();
// One event as one chunk, with the time in it. The view is good until the next call.
std::string_view event_chunk(deadline::Instant sent);

// The times in the events of a stream that arrives in pieces cut anywhere.
class EventTimes {
 public:
  // Calls `visit` with each time.
  template <class Visit>
  void feed(std::string_view bytes, Visit visit) {
    std::string joined;
    if (!carried_.empty()) {
      joined = carried_ + std::string(bytes);
      bytes = joined;
      carried_.clear();
    }
    std::size_t at = 0;
    for (;;) {
      const auto found = bytes.find(marker, at);
      if (found == std::string_view::npos || found + marker.size() + digits > bytes.size()) {
        if (found != std::string_view::npos) at = found;
        break;
      }
      visit(time_from(bytes.substr(found + marker.size(), digits)));
      at = found + marker.size() + digits;
    }
    // What ends with an event's end holds no half of a marker.
    if (!bytes.ends_with("\n\n\r\n") && !bytes.ends_with("\n\n")) carried_ = bytes.substr(at);
  }
  void clear() { carried_.clear(); }

 private:
  static constexpr std::string_view marker = "\"content\":\"";
  static constexpr std::size_t digits = 16;
  static deadline::Instant time_from(std::string_view hexadecimal);

  std::string carried_;
};

// Reads an answer's head as far as a benchmark needs it. Nothing when the head is not whole.
struct AnswerHead {
  int status = 0;
  std::optional<std::uint64_t> content_length;
  bool event_stream = false;
  std::size_t bytes = 0;
};
std::optional<AnswerHead> read_answer_head(std::string_view bytes);

// Where the body of a request begins and how long it is. Nothing when the head is not whole.
struct RequestFrame {
  std::size_t head_bytes = 0;
  std::size_t body_bytes = 0;
};
std::optional<RequestFrame> read_request_frame(std::string_view bytes);

}  // namespace punctual::bench
