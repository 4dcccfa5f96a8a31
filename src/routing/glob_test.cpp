#include "routing/glob.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <functional>

namespace punctual::routing {
namespace {

// The definition, by recursion over both texts; exponential, and plainly right.
bool naive(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  const char c = pattern[0];
  if (c == '*') return naive(pattern.substr(1), text) || (!text.empty() && naive(pattern, text.substr(1)));
  if (text.empty()) return false;
  if (c == '[') {
    const auto end = pattern.find(']');
    return pattern.substr(1, end - 1).find(text[0]) != std::string_view::npos &&
           naive(pattern.substr(end + 1), text.substr(1));
  }
  return (c == '?' || c == text[0]) && naive(pattern.substr(1), text.substr(1));
}

struct Case {
  const char* pattern;
  const char* text;
  bool matches;
};

TEST(Glob, Matches) {
  const Case table[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything/at:all", true},
      {"gpt-*", "gpt-4o", true},
      {"gpt-*", "gpt-", true},
      {"gpt-*", "GPT-4o", false},
      {"gpt-*", "my-gpt-4o", false},
      {"*-mini", "gpt-4o-mini", true},
      {"*-mini", "gpt-4o-mini-2", false},
      {"a*b*c", "axxbyyc", true},
      {"a*b*c", "acb", false},
      {"**a**", "bab", true},
      {"?", "", false},
      {"?", "a", true},
      {"gpt-?o", "gpt-4o", true},
      {"[abc]", "b", true},
      {"[abc]", "d", false},
      {"[a-c]x", "bx", true},
      {"[!a-c]", "d", true},
      {"[!a-c]", "b", false},
      {"[a-]", "-", true},
      {"[-a]", "-", true},
      {"[*]", "*", true},
      {"[*]", "x", false},
      {"[[]x]", "[x]", true},
      {"a.c", "abc", false},
      {"a]", "a]", true},
      {"a\\*", "a\\b", true},
  };
  for (const Case& entry : table) {
    const auto glob = Glob::compile(entry.pattern);
    ASSERT_TRUE(glob) << entry.pattern << " " << glob.error();
    EXPECT_EQ(glob->matches(entry.text), entry.matches) << entry.pattern << " against " << entry.text;
  }
}

TEST(Glob, RefusesBadSets) {
  for (const char* pattern : {"[", "[abc", "x[!", "[]", "[!]", "[z-a]"})
    EXPECT_FALSE(Glob::compile(pattern)) << pattern;
}

TEST(Glob, ManyStarsDoNotBlowUp) {
  std::string pattern;
  for (int i = 0; i < 120; ++i)
    pattern += "*a";
  const auto glob = Glob::compile(pattern + "b");
  ASSERT_TRUE(glob);
  EXPECT_FALSE(glob->matches(std::string(100'000, 'a')));
}

rc::Gen<std::string> words(std::vector<std::string> parts) {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::move(parts))),
                      [](const std::vector<std::string>& chosen) {
                        std::string text;
                        for (std::size_t i = 0; i < chosen.size() && i < 12; ++i)
                          text += chosen[i];
                        return text;
                      });
}

RC_GTEST_PROP(Glob, AgreesWithTheDefinition, ()) {
  const std::string pattern = *words({"a", "b", "*", "?", "[ab]", "[c]", "*", "-"});
  const std::string text = *words({"a", "b", "c", "-"});
  const auto glob = Glob::compile(pattern);
  RC_ASSERT(glob.has_value());
  RC_ASSERT(glob->matches(text) == naive(pattern, text));
}

RC_GTEST_PROP(Glob, MatchesWhatItsPatternWasMadeFrom, ()) {
  const std::string pattern = *words({"a", "b", "*", "?", "*"});
  std::string text;
  for (char c : pattern) {
    if (c == '*') text += *words({"a", "b", "c"});
    if (c == '?') text += *rc::gen::arbitrary<char>();
    if (c != '*' && c != '?') text += c;
  }
  RC_ASSERT(Glob::compile(pattern)->matches(text));
}

}  // namespace
}  // namespace punctual::routing
