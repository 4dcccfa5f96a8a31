// A compiled pattern for the name of a model. Case-sensitive; the whole name must match, not a part of it
// (`prefix` aside). The time is linear in the name for every kind, whatever the pattern.
//
// glob, byte by byte: `*` any bytes, `?` one byte, `[abc]`, `[a-z]` and `[!abc]` one byte of a set; `[*]` is
// a literal star. regex: RE2's syntax, in bounded memory. Immutable after `compile`; any thread may match.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "config/rule.hpp"
#include "routing/glob.hpp"

namespace re2 {
class RE2;
}

namespace punctual::routing {

class Matcher {
 public:
  // The error is what is wrong with the pattern, for people.
  static std::expected<Matcher, std::string> compile(config::Match match, std::string_view pattern);

  bool matches(std::string_view model) const;

 private:
  struct Exact {
    std::string text;
  };
  struct Prefix {
    std::string text;
  };
  using Regex = std::shared_ptr<const re2::RE2>;
  using Pattern = std::variant<Exact, Prefix, Glob, Regex>;

  explicit Matcher(Pattern pattern) : pattern_(std::move(pattern)) {}

  Pattern pattern_;
};

}  // namespace punctual::routing
