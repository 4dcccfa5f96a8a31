#include "requestlog/plain_line.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "requestlog/record_members.hpp"
#include "requestlog/record_row.hpp"
#include "requestlog/times.hpp"

namespace punctual::requestlog {

namespace {

constexpr auto none = std::string_view::npos;

// No escape and no control character: then a quote is the begin or the end of a string. No early end, so that
// many bytes are looked at together.
bool is_plain(std::string_view line) {
  unsigned char odd = 0;
  for (const char c : line) {
    odd |= static_cast<unsigned char>(static_cast<unsigned char>(c) < ' ');
    odd |= static_cast<unsigned char>(c == '\\');
  }
  return odd == 0 && storage::is_storable_text(line);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t end_of_nested(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      at = text.find('"', at + 1);
      if (at == none) return none;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if ((c == ']' || c == '}') && --depth == 0) {
      return at + 1;
    }
  }
  return none;
}

// Of the value that begins the text; none if it is odd.
std::size_t end_of_value(std::string_view text) {
  if (text.empty()) return none;
  if (text.front() == '"') {
    const auto end = text.find('"', 1);
    return end == none ? none : end + 1;
  }
  if (text.front() == '[' || text.front() == '{') return end_of_nested(text);
  for (const std::string_view word : {std::string_view("true"), std::string_view("false")})
    if (text.starts_with(word)) return word.size();
  std::size_t end = 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.'))
    ++end;
  return end == 0 ? none : end;
}

std::optional<std::int64_t> integer(std::string_view token) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (problem != std::errc() || end != token.data() + token.size()) return std::nullopt;
  if (token.front() == '0' && token.size() > 1) return std::nullopt;
  return number;
}

// "1.250", as base::write_milliseconds has it.
std::optional<std::int64_t> microseconds(std::string_view token) {
  constexpr std::size_t decimals = 4;
  constexpr std::int64_t milliseconds_max = 1'000'000'000'000;
  if (token.size() <= decimals || token[token.size() - decimals] != '.') return std::nullopt;
  const auto whole = integer(token.substr(0, token.size() - decimals));
  if (!whole || *whole > milliseconds_max) return std::nullopt;
  std::int64_t result = *whole;
  for (const char c : token.substr(token.size() - decimals + 1)) {
    if (!is_digit(c)) return std::nullopt;
    result = result * 10 + (c - '0');
  }
  return result;
}

// As rfc3339 writes it: to the millisecond. Not a leap second, which would be another second then.
std::optional<std::int64_t> time(std::string_view token) {
  constexpr std::size_t size = 26;
  constexpr std::size_t seconds_at = 18;
  if (token.size() != size || token[11] != 'T' || token[size - 2] != 'Z') return std::nullopt;
  if (token.substr(seconds_at, 2) == "60") return std::nullopt;
  return parse_rfc3339(token.substr(1, size - 2));
}

bool assign(storage::Value& column, std::optional<std::int64_t> number) {
  if (number) column = *number;
  return number.has_value();
}

void assign_text(storage::Value& column, std::string_view text) {
  if (auto* const kept = std::get_if<std::string>(&column))
    kept->assign(text);
  else
    column = std::string(text);
}

bool assign(storage::Value& column, MemberKind kind, std::string_view token) {
  switch (kind) {
    case MemberKind::time:
      return assign(column, time(token));
    case MemberKind::integer:
      return assign(column, integer(token));
    case MemberKind::milliseconds:
      return assign(column, microseconds(token));
    case MemberKind::text:
      if (token.size() <= 2 || token.front() != '"') return false;
      assign_text(column, token.substr(1, token.size() - 2));
      return true;
  }
  return false;
}

// Of the last attempt. Quotes are nowhere inside of strings, so that what is found is a member.
void assign_provider(storage::Value& column, std::string_view attempts) {
  constexpr std::string_view name = R"({"provider":")";
  std::string_view last;
  for (auto at = attempts.find(name); at != none; at = attempts.find(name)) {
    attempts.remove_prefix(at + name.size());
    last = attempts.substr(0, attempts.find('"'));
  }
  if (!last.empty()) assign_text(column, last);
}

// Records have their members in one order, so that the next one is rarely far.
std::size_t find_member(std::string_view name, std::size_t expected) {
  const auto begin = record_members.begin();
  const auto middle = begin + static_cast<std::ptrdiff_t>(expected);
  auto found = std::find_if(middle, record_members.end(), [&](const auto& m) { return m.name == name; });
  if (found == record_members.end()) {
    found = std::find_if(begin, middle, [&](const auto& m) { return m.name == name; });
    if (found == middle) return record_members.size();
  }
  return static_cast<std::size_t>(found - begin);
}

}  // namespace

bool read_plain_line(std::string_view line, std::vector<storage::Value>& row) {
  if (line.size() < 2 || line.front() != '{' || line.back() != '}' || !is_plain(line)) return false;
  auto& document = std::get<std::string>(row[request_column::document]);
  document.clear();
  std::uint32_t seen = 0;
  std::size_t expected = 0;
  std::size_t kept = 0;  // of the line, or behind it as a mark
  for (std::size_t at = 0; at + 1 < line.size();) {
    // At the brace or the comma before a name.
    if (line[++at] != '"') return false;
    const auto name_end = line.find('"', at + 1);
    if (name_end == none || line[name_end + 1] != ':') return false;
    const auto name = line.substr(at + 1, name_end - at - 1);
    const auto rest = line.substr(name_end + 2);
    const auto size = end_of_value(rest);
    if (size == none || size >= rest.size()) return false;
    const auto token = rest.substr(0, size);
    const std::size_t end = name_end + 2 + size;
    if (line[end] != (end + 1 == line.size() ? '}' : ',')) return false;
    const auto member = find_member(name, expected);
    if (member < record_members.size()) {
      if ((seen >> member & 1U) != 0) return false;
      seen |= 1U << member;
      expected = member + 1;
      if (!assign(row[record_members[member].column], record_members[member].kind, token)) return false;
      document.append(line, kept, at - kept).push_back(mark_of(member));
      kept = end;
    } else if (name == "attempts") {
      assign_provider(row[request_column::provider], token);
    }
    at = end;
  }
  document.append(line, kept);
  return true;
}

}  // namespace punctual::requestlog
