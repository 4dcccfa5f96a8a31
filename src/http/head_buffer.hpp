// Collects the bytes of one message head until they are whole, and refuses what parsers disagree about.
//
// Stricter than RFC 9112 asks where leniency is how requests are smuggled: every line ends with CRLF, no bare
// CR or LF, no NUL, no folded field (obs-fold), no space before the colon. Memory is kept for the next head.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace punctual::http {

class HeadBuffer {
 public:
  enum class State : std::uint8_t { incomplete, complete, malformed, too_large };

  // Takes bytes up to the end of the head and returns how many; the rest belongs to the body.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  bool empty() const { return bytes_.empty(); }
  std::string_view bytes() const { return bytes_; }
  std::string_view violation() const { return violation_; }  // why malformed, for people
  // Whether nothing was fed since the beginning, not even an empty line.
  bool untouched() const { return bytes_.empty() && !in_empty_line_ && state_ == State::incomplete; }
  // Takes a head that is known to be whole and in order; only where nothing was fed.
  void take(std::string_view head) {
    bytes_.assign(head);
    state_ = State::complete;
  }
  void clear();
  // As `clear`, and frees the memory.
  void release() {
    clear();
    std::string().swap(bytes_);
  }

 private:
  void finish(State state, std::string_view violation = {});
  std::size_t skip_empty_lines(std::string_view bytes);
  void check_lines();

  std::string bytes_;
  std::size_t scanned_ = 0;     // no end of the head begins before
  std::size_t checked_ = 0;     // the lines before are fine
  bool in_empty_line_ = false;  // a CR came before the first byte of the head
  State state_ = State::incomplete;
  std::string_view violation_;
};

}  // namespace punctual::http
