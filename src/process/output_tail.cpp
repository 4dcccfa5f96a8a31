#include "process/output_tail.hpp"

#include <algorithm>
#include <utility>

namespace punctual::process {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";
constexpr std::string_view cut_mark = "...";

// The bytes of the well-formed character that `text` begins with (Unicode, table 3-7); 0 if there is none.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [text](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const auto continues = [&byte](std::size_t at) { return (byte(at) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !continues(1)) return 0;
  if (first < 0xe0) return 2;
  const unsigned second = byte(1);
  if (first < 0xf0) {
    const bool is_valid = (first != 0xe0 || second >= 0xa0) && (first != 0xed || second < 0xa0);
    return is_valid && continues(2) ? 3 : 0;
  }
  const bool is_valid = (first != 0xf0 || second >= 0x90) && (first != 0xf4 || second < 0x90);
  return is_valid && continues(2) && continues(3) ? 4 : 0;
}

// The controls of ASCII and of Latin 1, and those that turn the direction of writing or break lines.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (first < 0x20 || first == 0x7f) return true;
  if (first == 0xc2) return static_cast<unsigned char>(character[1]) < 0xa0;
  if (character.starts_with("\xe2\x80")) {
    const auto last = static_cast<unsigned char>(character[2]);
    return last >= 0xa8 && last <= 0xae;
  }
  if (character.starts_with("\xe2\x81")) {
    const auto last = static_cast<unsigned char>(character[2]);
    return last >= 0xa6 && last <= 0xa9;
  }
  return false;
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t count = character_bytes(text);
    std::string_view character = text.substr(0, count == 0 ? 1 : count);
    text.remove_prefix(character.size());
    if (character == "\t") {
      character = " ";
    } else if (count == 0 || is_control(character)) {
      character = replacement;
    }
    if (clean.size() + character.size() > bytes_max) break;
    clean.append(character);
  }
  return clean;
}

void OutputTail::append(std::string_view bytes) {
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const auto plain = escape_ == Escape::none ? bytes.substr(0, bytes.find_first_of("\n\r\x1b")) : "";
    if (plain.empty()) {
      take(bytes.front());
      bytes.remove_prefix(1);
    } else {
      take_text(plain);
      bytes.remove_prefix(plain.size());
    }
  }
}

// ECMA-48: ESC [ ... letter, and ESC ] ... BEL or ESC \; a new line ends whatever was begun.
bool OutputTail::in_escape(char byte) {
  switch (byte == '\n' ? Escape::none : escape_) {
    case Escape::none:
      escape_ = byte == '\x1b' ? Escape::begun : Escape::none;
      return escape_ == Escape::begun;
    case Escape::begun:
      escape_ = byte == '[' ? Escape::sequence : byte == ']' ? Escape::text : Escape::none;
      return true;
    case Escape::sequence:
      if (byte >= '@' && byte <= '~') escape_ = Escape::none;
      return true;
    case Escape::text:
      if (byte == '\a') escape_ = Escape::none;
      if (byte == '\x1b') escape_ = Escape::text_ending;
      return true;
    case Escape::text_ending:
      escape_ = Escape::none;
      return true;
  }
  return false;
}

void OutputTail::take(char byte) {
  if (in_escape(byte)) return;
  if (byte == '\n') {
    end_line();
  } else if (byte == '\r') {
    returned_ = true;
  } else {
    take_text({&byte, 1});
  }
}

void OutputTail::take_text(std::string_view text) {
  if (returned_) unfinished_ = {};
  returned_ = false;
  const auto taken = text.substr(0, line_bytes_max - unfinished_.text.size());
  unfinished_.text.append(taken);
  if (taken.size() < text.size()) unfinished_.cut = true;
}

void OutputTail::end_line() {
  lines_.push_back(std::exchange(unfinished_, {}));
  returned_ = false;
  if (lines_.size() > lines_max) lines_.pop_front();
}

std::vector<std::string> OutputTail::lines() const {
  auto raw = lines_;
  if (!unfinished_.text.empty()) raw.push_back(unfinished_);
  std::vector<std::string> lines;
  std::size_t bytes = 0;
  for (auto line = raw.rbegin(); line != raw.rend() && lines.size() < lines_max; ++line) {
    auto text = printable(line->text, line_bytes_max - cut_mark.size());
    // What was replaced may take more bytes than it had: the line is cut too.
    if (line->cut || line->text.size() > line_bytes_max - cut_mark.size()) text.append(cut_mark);
    bytes += text.size();
    if (bytes > bytes_max) break;
    lines.push_back(std::move(text));
  }
  std::ranges::reverse(lines);
  return lines;
}

}  // namespace punctual::process
