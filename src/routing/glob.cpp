#include "routing/glob.hpp"

#include <cstddef>

namespace punctual::routing {

namespace {

std::size_t index_of(char c) {
  return static_cast<unsigned char>(c);
}

// The set whose text begins after the '[' at the front of `rest`, which is removed with it.
std::expected<std::bitset<256>, std::string> take_set(std::string_view& rest) {
  rest.remove_prefix(1);
  const bool negated = rest.starts_with('!');
  if (negated) rest.remove_prefix(1);
  const auto end = rest.find(']');
  if (end == std::string_view::npos)
    return std::unexpected("has a [ without its ]: add it, or write [[] for a literal one");
  if (end == 0) return std::unexpected("has an empty set: name the characters between [ and ]");
  const auto members = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  std::bitset<256> set;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::size_t first = index_of(members[i]);
    std::size_t last = first;
    if (i + 2 < members.size() && members[i + 1] == '-') {
      i += 2;
      last = index_of(members[i]);
    }
    if (last < first)
      return std::unexpected("has a range that runs backwards: write the smaller character first");
    for (std::size_t c = first; c <= last; ++c)
      set.set(c);
  }
  return negated ? ~set : set;
}

}  // namespace

std::expected<Glob, std::string> Glob::compile(std::string_view pattern) {
  Glob glob;
  while (!pattern.empty()) {
    const char c = pattern.front();
    if (c == '[') {
      const auto set = take_set(pattern);
      if (!set) return std::unexpected(set.error());
      glob.tokens_.push_back({.kind = Kind::set, .set = static_cast<std::uint16_t>(glob.sets_.size())});
      glob.sets_.push_back(*set);
      continue;
    }
    pattern.remove_prefix(1);
    const Kind kind = c == '*' ? Kind::star : c == '?' ? Kind::any : Kind::byte;
    const bool repeated =
        kind == Kind::star && !glob.tokens_.empty() && glob.tokens_.back().kind == Kind::star;
    if (!repeated) glob.tokens_.push_back({.kind = kind, .byte = c});
  }
  return glob;
}

bool Glob::fits(const Token& token, char c) const {
  switch (token.kind) {
    case Kind::byte:
      return token.byte == c;
    case Kind::any:
      return true;
    case Kind::set:
      return sets_[token.set].test(index_of(c));
    case Kind::star:
      break;
  }
  return false;
}

bool Glob::matches(std::string_view text) const {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t token = 0;
  std::size_t at = 0;
  std::size_t star = none;  // the last star that was passed
  std::size_t resume = 0;   // where the text goes on if that star takes one byte more
  while (at < text.size()) {
    if (token < tokens_.size() && tokens_[token].kind == Kind::star) {
      star = token++;
      resume = at;
    } else if (token < tokens_.size() && fits(tokens_[token], text[at])) {
      ++token;
      ++at;
    } else if (star != none) {
      // Only the last star can need more: what an earlier one could take, this one can take as well.
      token = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (token < tokens_.size() && tokens_[token].kind == Kind::star)
    ++token;
  return token == tokens_.size();
}

}  // namespace punctual::routing
