// Bytes as the transcripts write them, visible on one screen: to send, and to compare with (README.md).
//
// Everything stands for itself, line ends of the file for nothing, and `\` introduces what cannot be seen:
//   \r \n \t \0 \\ \x1f  that byte           \{1000:ab}  "ab" a thousand times
//   \<...\>  the bytes between as one chunk, its size line before and CRLF behind
//   \L       the number of bytes behind the next blank line (CR LF CR LF), to the end
//   \|       sending: what follows is a write of its own
//   \*       comparing: any bytes of one line      \**  comparing: any bytes
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace punctual::wire {

class TextPattern {
 public:
  // `lines` are the lines of a section; the error is one sentence.
  static std::expected<TextPattern, std::string> parse(const std::vector<std::string>& lines);

  // Whether it can be sent, and what is sent, write by write.
  bool plain() const;
  std::vector<std::string> writes() const;

  bool matches(std::string_view bytes) const;

 private:
  enum class Kind : std::uint8_t { literal, any_of_line, any, split };
  struct Part {
    Kind kind;
    std::string text;
  };

  void append(std::string_view bytes);
  bool matches_from(std::size_t part, std::string_view bytes) const;

  std::vector<Part> parts_;
};

// The bytes in the same notation, a line per line feed: for messages, and to be pasted into a transcript.
std::string visible(std::string_view bytes);

}  // namespace punctual::wire
