#include "http/chunk_framing.hpp"

namespace punctual::http {

namespace {

bool is_hexadecimal(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f');
}

// RFC 9110, section 5.6.2.
bool is_token(char c) {
  const char lower = static_cast<char>(c | 0x20);
  if ((c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

}  // namespace

void ChunkFraming::expect(char c, char wanted, State next) {
  if (c != wanted) return refuse("a line of the chunked framing does not end with CR LF");
  state_ = next;
}

void ChunkFraming::feed_size(char c) {
  switch (state_) {
    case State::size_start:
      last_ = true;
      if (!is_hexadecimal(c)) return refuse("a chunk has no size");
      state_ = State::size;
      [[fallthrough]];
    case State::size:
      if (is_hexadecimal(c)) {
        last_ = last_ && c == '0';
      } else if (c == ';') {
        state_ = State::extension;
      } else {
        expect(c, '\r', State::size_end);
      }
      return;
    default:  // State::extension
      if (c == '\r') {
        state_ = State::size_end;
      } else if (is_control(c)) {
        refuse("a chunk extension contains a control character");
      }
  }
}

void ChunkFraming::feed_trailer(char c) {
  switch (state_) {
    case State::trailer_start:
      if (c == '\r') {
        state_ = State::last_line_feed;
      } else if (is_token(c)) {
        state_ = State::trailer_name;
      } else {
        refuse("a trailer field has no name, or is folded");
      }
      return;
    case State::trailer_name:
      if (c == ':') {
        state_ = State::trailer_value;
      } else if (!is_token(c)) {
        refuse("the name of a trailer field is malformed");
      }
      return;
    default:  // State::trailer_value
      if (c == '\r') {
        state_ = State::trailer_end;
      } else if (is_control(c)) {
        refuse("a trailer field contains a control character");
      }
  }
}

bool ChunkFraming::feed(std::string_view framing) {
  for (const char c : framing) {
    if (!violation_.empty()) break;
    switch (state_) {
      case State::size_start:
      case State::size:
      case State::extension:
        feed_size(c);
        break;
      case State::size_end:
        expect(c, '\n', last_ ? State::trailer_start : State::data_end);
        break;
      case State::data_end:
        expect(c, '\r', State::data_end_line_feed);
        break;
      case State::data_end_line_feed:
        expect(c, '\n', State::size_start);
        break;
      case State::trailer_start:
      case State::trailer_name:
      case State::trailer_value:
        feed_trailer(c);
        break;
      case State::trailer_end:
        expect(c, '\n', State::trailer_start);
        break;
      case State::last_line_feed:
        expect(c, '\n', State::done);
        break;
      case State::done:
        refuse("bytes stand behind the end of the chunked body");
        break;
    }
  }
  return violation_.empty();
}

}  // namespace punctual::http
