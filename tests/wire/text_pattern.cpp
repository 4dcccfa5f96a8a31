#include "wire/text_pattern.hpp"

#include <charconv>
#include <optional>

namespace punctual::wire {

namespace {

// While parsing: the marks that need to know what follows them.
constexpr char chunk_begin = '<';
constexpr char chunk_finish = '>';
constexpr char body_length = 'L';

struct Token {
  char mark = 0;  // 0: the text; else the letter behind the backslash
  std::string text;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string hexadecimal(std::size_t number) {
  char digits[20];
  return {digits, std::to_chars(digits, digits + sizeof digits, number, 16).ptr};
}

// One line into tokens.
class Scanner {
 public:
  explicit Scanner(std::string_view line, std::vector<Token>& tokens) : line_(line), tokens_(tokens) {}

  bool scan() {
    while (at_ < line_.size()) {
      if (line_[at_] != '\\') {
        text(line_[at_++]);
        continue;
      }
      if (++at_ == line_.size() || !escape(line_[at_++])) return false;
    }
    return true;
  }

 private:
  void text(char c) {
    if (tokens_.empty() || tokens_.back().mark != 0) tokens_.push_back({});
    tokens_.back().text.push_back(c);
  }

  bool escape(char c) {
    switch (c) {
      case 'r':
        return text('\r'), true;
      case 'n':
        return text('\n'), true;
      case 't':
        return text('\t'), true;
      case '0':
        return text('\0'), true;
      case '\\':
        return text('\\'), true;
      case 'x':
        return hexadecimal_byte();
      case '{':
        return repetition();
      case '*':
        if (line_.substr(at_).starts_with('*')) {
          ++at_;
          c = 'A';
        }
        [[fallthrough]];
      case '|':
      case chunk_begin:
      case chunk_finish:
      case body_length:
        tokens_.push_back({c, {}});
        return true;
      default:
        return false;
    }
  }

  bool hexadecimal_byte() {
    if (at_ + 2 > line_.size()) return false;
    const int high = hex_digit(line_[at_]);
    const int low = hex_digit(line_[at_ + 1]);
    at_ += 2;
    if (high < 0 || low < 0) return false;
    text(static_cast<char>(high * 16 + low));
    return true;
  }

  bool repetition() {
    const auto colon = line_.find(':', at_);
    const auto end = line_.find('}', at_);
    if (colon == std::string_view::npos || end == std::string_view::npos || colon > end) return false;
    std::size_t count = 0;
    std::from_chars(line_.data() + at_, line_.data() + colon, count);
    std::vector<Token> inner;
    if (!Scanner(line_.substr(colon + 1, end - colon - 1), inner).scan()) return false;
    for (std::size_t i = 0; i < count; ++i) {
      for (const auto& token : inner) {
        for (const char c : token.text)
          text(c);
      }
    }
    at_ = end + 1;
    return true;
  }

  std::string_view line_;
  std::vector<Token>& tokens_;
  std::size_t at_ = 0;
};

bool frame_chunks(std::vector<Token>& tokens) {
  std::optional<std::size_t> open;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].mark == chunk_begin) {
      if (open) return false;
      open = i;
      bytes = 0;
    } else if (tokens[i].mark == chunk_finish) {
      if (!open) return false;
      tokens[*open] = {0, hexadecimal(bytes) + "\r\n"};
      tokens[i] = {0, "\r\n"};
      open.reset();
    } else {
      bytes += tokens[i].text.size();
    }
  }
  return !open;
}

std::size_t bytes_behind_blank_line(const std::vector<Token>& tokens, std::size_t from) {
  std::string rest;
  for (std::size_t i = from; i < tokens.size(); ++i)
    rest += tokens[i].text;
  const auto blank = rest.find("\r\n\r\n");
  return blank == std::string::npos ? 0 : rest.size() - blank - 4;
}

}  // namespace

std::expected<TextPattern, std::string> TextPattern::parse(const std::vector<std::string>& lines) {
  std::vector<Token> tokens;
  for (const auto& line : lines) {
    if (!Scanner(line, tokens).scan()) return std::unexpected("a bad escape in: " + line);
  }
  if (!frame_chunks(tokens)) return std::unexpected("a \\< without its \\>, or the other way round");
  TextPattern pattern;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    switch (tokens[i].mark) {
      case 0:
        pattern.append(tokens[i].text);
        break;
      case body_length:
        pattern.append(std::to_string(bytes_behind_blank_line(tokens, i + 1)));
        break;
      case '|':
        pattern.parts_.push_back({Kind::split, {}});
        break;
      case '*':
        pattern.parts_.push_back({Kind::any_of_line, {}});
        break;
      default:
        pattern.parts_.push_back({Kind::any, {}});
    }
  }
  return pattern;
}

void TextPattern::append(std::string_view bytes) {
  if (parts_.empty() || parts_.back().kind != Kind::literal) parts_.push_back({Kind::literal, {}});
  parts_.back().text.append(bytes);
}

bool TextPattern::plain() const {
  for (const auto& part : parts_) {
    if (part.kind == Kind::any || part.kind == Kind::any_of_line) return false;
  }
  return true;
}

std::vector<std::string> TextPattern::writes() const {
  std::vector<std::string> writes(1);
  for (const auto& part : parts_) {
    if (part.kind == Kind::split) writes.emplace_back();
    writes.back() += part.text;
  }
  return writes;
}

bool TextPattern::matches(std::string_view bytes) const {
  return matches_from(0, bytes);
}

bool TextPattern::matches_from(std::size_t part, std::string_view bytes) const {
  for (; part < parts_.size(); ++part) {
    const auto& [kind, text] = parts_[part];
    if (kind == Kind::split) continue;
    if (kind == Kind::literal) {
      if (!bytes.starts_with(text)) return false;
      bytes.remove_prefix(text.size());
      continue;
    }
    for (std::size_t skipped = 0;; ++skipped) {
      if (matches_from(part + 1, bytes.substr(skipped))) return true;
      if (skipped == bytes.size()) return false;
      if (kind == Kind::any_of_line && bytes[skipped] == '\n') return false;
    }
  }
  return bytes.empty();
}

std::string visible(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      out += "\\r";
    } else if (c == '\n') {
      out += "\\n\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\\') {
      out += "\\\\";
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += std::string("\\x") + "0123456789abcdef"[byte >> 4] + "0123456789abcdef"[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace punctual::wire
