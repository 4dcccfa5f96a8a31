#include "http/head_buffer.hpp"

#include "http/bounds.hpp"

namespace punctual::http {

void HeadBuffer::clear() {
  bytes_.clear();
  scanned_ = 0;
  state_ = State::incomplete;
  violation_ = {};
}

void HeadBuffer::finish(State state, std::string_view violation) {
  state_ = state;
  violation_ = violation;
}

std::size_t HeadBuffer::feed(std::string_view bytes) {
  std::size_t taken = 0;
  // RFC 9112, section 2.2: empty lines before the start line are ignored.
  while (bytes_.empty() && bytes.substr(taken).starts_with("\r\n"))
    taken += 2;
  const std::size_t before = bytes_.size();
  const auto rest = bytes.substr(taken, head_bytes_max + 1 - before);
  bytes_.append(rest);

  const std::size_t from = scanned_ > 3 ? scanned_ - 3 : 0;
  const auto end = bytes_.find("\r\n\r\n", from);
  if (end == std::string::npos) {
    scanned_ = bytes_.size();
    if (bytes_.size() > head_bytes_max) {
      finish(State::too_large);
    } else {
      // A bare LF may be the peer's idea of an end: waiting for ours would hang.
      const auto line_feed = bytes_.find('\n', from);
      if (line_feed != std::string::npos) check_lines();
    }
    return taken + rest.size();
  }
  bytes_.resize(end + 4);
  if (bytes_.size() > head_bytes_max) {
    finish(State::too_large);
  } else {
    finish(State::complete);
    check_lines();
  }
  return taken + bytes_.size() - before;
}

void HeadBuffer::check_lines() {
  std::size_t start = 0;
  while (start < bytes_.size()) {
    const auto end = bytes_.find('\n', start);
    if (end == std::string::npos) break;
    if (end == start || bytes_[end - 1] != '\r')
      return finish(State::malformed, "a line ends with a bare LF");
    const std::string_view line(bytes_.data() + start, end - 1 - start);
    if (line.find('\r') != std::string_view::npos)
      return finish(State::malformed, "a line contains a bare CR");
    if (line.find('\0') != std::string_view::npos) return finish(State::malformed, "a line contains NUL");
    if (start > 0 && !line.empty()) {
      if (line.front() == ' ' || line.front() == '\t')
        return finish(State::malformed, "a header field is folded");
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) return finish(State::malformed, "a header field has no colon");
      if (colon == 0) return finish(State::malformed, "a header field has no name");
      if (line[colon - 1] == ' ' || line[colon - 1] == '\t') {
        return finish(State::malformed, "a space stands before the colon of a header field");
      }
    }
    start = end + 1;
  }
}

}  // namespace punctual::http
