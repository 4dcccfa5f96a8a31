#include "json/splice.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace punctual::json {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Behind the string whose opening quote is at `at`.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at]))
    ++at;
  return at;
}

std::size_t value_end(std::string_view text, std::size_t at) {
  if (text[at] == '"') return string_end(text, at);
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    }
    if (depth == 0 && (c == ',' || is_space(c))) return at;
    ++at;
  }
  return at;
}

// `written` is what stands between the quotes of a key.
bool is_key(std::string_view written, std::string_view key) {
  if (written.find('\\') == std::string_view::npos) return written == key;
  boost::system::error_code error;
  const auto value = boost::json::parse("\"" + std::string(written) + "\"", error);
  return !error && value.is_string() && std::string_view(value.get_string()) == key;
}

}  // namespace

std::optional<MemberSpan> find_member(std::string_view text, std::string_view key) {
  std::size_t at = skip_spaces(text, 0);
  if (at >= text.size() || text[at] != '{') return std::nullopt;
  at = skip_spaces(text, at + 1);
  while (at < text.size() && text[at] == '"') {
    MemberSpan member;
    member.begin = at;
    const std::size_t key_end = string_end(text, at);
    const auto found = text.substr(at + 1, key_end - at - 2);
    at = skip_spaces(text, key_end);
    member.value_begin = skip_spaces(text, at + 1);
    if (member.value_begin >= text.size()) return std::nullopt;
    member.end = value_end(text, member.value_begin);
    if (is_key(found, key)) return member;
    at = skip_spaces(text, member.end);
    if (at >= text.size() || text[at] != ',') return std::nullopt;
    at = skip_spaces(text, at + 1);
  }
  return std::nullopt;
}

void Splice::cut(const char* begin, const char* end, std::string_view instead) {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::string_view piece = pieces_[i];
    if (begin < piece.data() || end > piece.data() + piece.size()) continue;
    const auto before = piece.substr(0, static_cast<std::size_t>(begin - piece.data()));
    const auto after = piece.substr(static_cast<std::size_t>(end - piece.data()));
    pieces_[i] = before;
    pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(i) + 1, {instead, after});
    return;
  }
}

void Splice::replace_value(const MemberSpan& member, std::string_view value) {
  const char* const text = text_.data();
  cut(text + member.value_begin, text + member.end, value);
}

// The comma that stands before `at`, with nothing but spaces and removed members between; nullptr for none.
const char* Splice::comma_before(const char* at) const {
  while (at > text_.data()) {
    const auto removed = std::ranges::find(removed_, at, &Cut::end);
    if (removed != removed_.end()) {
      at = removed->begin;
    } else if (is_space(at[-1])) {
      --at;
    } else {
      return at[-1] == ',' ? at - 1 : nullptr;
    }
  }
  return nullptr;
}

// The same behind `at`.
const char* Splice::comma_after(const char* at) const {
  while (at < text_.data() + text_.size()) {
    const auto removed = std::ranges::find(removed_, at, &Cut::begin);
    if (removed != removed_.end()) {
      at = removed->end;
    } else if (is_space(*at)) {
      ++at;
    } else {
      return *at == ',' ? at : nullptr;
    }
  }
  return nullptr;
}

void Splice::remove(const MemberSpan& member) {
  const char* begin = text_.data() + member.begin;
  const char* end = text_.data() + member.end;
  // One cut where nothing but spaces is between; else what lies between was removed before.
  if (const char* const after = comma_after(end)) {
    if (std::all_of(end, after, is_space)) {
      end = after + 1;
      while (is_space(*end))
        ++end;
    } else {
      erase(after, after + 1);
    }
  } else if (const char* const before = comma_before(begin)) {
    if (std::all_of(before + 1, begin, is_space)) {
      begin = before;
    } else {
      erase(before, before + 1);
    }
  }
  erase(begin, end);
}

void Splice::erase(const char* begin, const char* end) {
  cut(begin, end, {});
  removed_.push_back({begin, end});
}

std::size_t Splice::size() const {
  std::size_t size = 0;
  for (const auto piece : pieces_)
    size += piece.size();
  return size;
}

std::string Splice::text() const {
  std::string text;
  text.reserve(size());
  for (const auto piece : pieces_)
    text.append(piece);
  return text;
}

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::value(text));
}

}  // namespace punctual::json
