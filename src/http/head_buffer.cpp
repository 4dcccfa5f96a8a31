#include "http/head_buffer.hpp"

#include "http/bounds.hpp"

namespace punctual::http {

void HeadBuffer::clear() {
  bytes_.clear();
  scanned_ = 0;
  checked_ = 0;
  in_empty_line_ = false;
  state_ = State::incomplete;
  violation_ = {};
}

void HeadBuffer::finish(State state, std::string_view violation) {
  state_ = state;
  violation_ = violation;
}

// RFC 9112, section 2.2: empty lines before the start line are ignored.
std::size_t HeadBuffer::skip_empty_lines(std::string_view bytes) {
  std::size_t taken = 0;
  for (; taken < bytes.size(); ++taken) {
    if (in_empty_line_) {
      if (bytes[taken] != '\n') {
        finish(State::malformed, "a line contains a bare CR");
        break;
      }
      in_empty_line_ = false;
    } else if (bytes[taken] == '\r') {
      in_empty_line_ = true;
    } else {
      break;
    }
  }
  return taken;
}

std::size_t HeadBuffer::feed(std::string_view bytes) {
  if (state_ != State::incomplete) return 0;
  const std::size_t taken = bytes_.empty() ? skip_empty_lines(bytes) : 0;
  if (state_ != State::incomplete) return taken;
  const std::size_t before = bytes_.size();
  auto rest = bytes.substr(taken, head_bytes_max + 1 - before);
  if (before == 0) {
    // Only the head is copied: a large body behind it would leave its room here.
    const auto end = rest.find("\r\n\r\n");
    if (end != std::string_view::npos) rest = rest.substr(0, end + 4);
  }
  bytes_.append(rest);

  const std::size_t from = scanned_ > 3 ? scanned_ - 3 : 0;
  const auto end = bytes_.find("\r\n\r\n", from);
  const bool whole = end != std::string::npos;
  if (whole) bytes_.resize(end + 4);
  scanned_ = bytes_.size();
  // Not only when it is whole: a bare LF may be the peer's idea of an end, and waiting for ours would hang.
  check_lines();
  if (state_ == State::incomplete && bytes_.size() > head_bytes_max) finish(State::too_large);
  if (state_ == State::incomplete && whole) finish(State::complete);
  return taken + bytes_.size() - before;
}

void HeadBuffer::check_lines() {
  while (checked_ < bytes_.size()) {
    const std::size_t start = checked_;
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
    checked_ = end + 1;
  }
}

}  // namespace punctual::http
