// The last lines of what a program wrote, to be shown to people: bounded, UTF-8, without control characters.
//
// Line ends are \n, \r\n, and \r before other text, which begins the line anew (progress bars). Escape
// sequences of terminals are left out, other control characters and bytes that are no UTF-8 replaced by
// U+FFFD. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace punctual::process {

class OutputTail {
 public:
  static constexpr std::size_t lines_max = 50;
  static constexpr std::size_t bytes_max = 64 * 1024;
  static constexpr std::size_t line_bytes_max = 2 * 1024;

  void append(std::string_view bytes);
  std::uint64_t bytes() const { return bytes_; }

  // The oldest first; the last one may be unfinished. Lines that were cut end in "...".
  std::vector<std::string> lines() const;

 private:
  enum class Escape : std::uint8_t { none, begun, sequence, text, text_ending };
  // As it came, but for escapes; made printable only when somebody looks.
  struct Line {
    std::string text;
    bool cut = false;
  };

  void take(char byte);
  void take_text(std::string_view text);
  bool in_escape(char byte);
  void end_line();

  std::deque<Line> lines_;
  Line unfinished_;
  bool returned_ = false;  // after \r
  Escape escape_ = Escape::none;
  std::uint64_t bytes_ = 0;
};

// `text` as one line of UTF-8 of at most `bytes_max` bytes; control characters and what is no UTF-8 become
// U+FFFD, a tab becomes a space.
std::string printable(std::string_view text, std::size_t bytes_max);

}  // namespace punctual::process
