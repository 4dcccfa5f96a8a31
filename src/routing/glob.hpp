// A shell pattern over bytes, as Matcher describes it.
//
// Matching takes at most (bytes of the text) x (bytes of the pattern) steps and allocates nothing.
#pragma once

#include <bitset>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace punctual::routing {

class Glob {
 public:
  static std::expected<Glob, std::string> compile(std::string_view pattern);

  bool matches(std::string_view text) const;

 private:
  using Set = std::bitset<256>;
  enum class Kind : std::uint8_t { byte, any, set, star };
  struct Token {
    Kind kind;
    char byte = 0;          // of `byte`
    std::uint16_t set = 0;  // of `set`: its place in sets_
  };

  bool fits(const Token& token, char c) const;

  std::vector<Token> tokens_;
  std::vector<Set> sets_;
};

}  // namespace punctual::routing
