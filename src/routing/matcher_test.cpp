#include "routing/matcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::routing {
namespace {

using config::Match;

struct Case {
  Match match;
  const char* pattern;
  const char* model;
  bool matches;
};

TEST(Matcher, MatchesByKind) {
  const Case table[] = {
      {Match::exact, "gpt-4o", "gpt-4o", true},
      {Match::exact, "gpt-4o", "gpt-4o-mini", false},
      {Match::exact, "gpt-*", "gpt-4", false},
      {Match::exact, "gpt", "GPT", false},
      {Match::prefix, "gpt-", "gpt-4o", true},
      {Match::prefix, "gpt-", "gpt-", true},
      {Match::prefix, "gpt-", "my-gpt-", false},
      {Match::prefix, "gpt-*", "gpt-4o", false},
      {Match::glob, "gpt-*", "gpt-4o", true},
      {Match::glob, "gpt-*", "agpt-4o", false},
      {Match::regex, "gpt-[0-9]+o?", "gpt-4o", true},
      {Match::regex, "gpt", "gpt-4o", false},
      {Match::regex, "pt", "gpt", false},
      {Match::regex, "gpt|claude", "claude", true},
      {Match::regex, "GPT", "gpt", false},
      {Match::regex, "(?i)GPT", "gpt", true},
      {Match::regex, "(a)(b)", "ab", true},
      {Match::regex, ".*", "", true},
  };
  for (const Case& entry : table) {
    const auto matcher = Matcher::compile(entry.match, entry.pattern);
    ASSERT_TRUE(matcher) << entry.pattern << " " << matcher.error();
    EXPECT_EQ(matcher->matches(entry.model), entry.matches) << entry.pattern << " against " << entry.model;
  }
}

TEST(Matcher, SaysWhatIsWrongWithARegularExpression) {
  const auto matcher = Matcher::compile(Match::regex, "gpt-(4o");
  ASSERT_FALSE(matcher);
  EXPECT_EQ(matcher.error(), "is no regular expression of RE2: missing ): gpt-(4o");
  EXPECT_FALSE(Matcher::compile(Match::regex, "(?=x)"));
  EXPECT_FALSE(Matcher::compile(Match::regex, "(((a{100}){100}){100})"));
}

TEST(Matcher, ARegularExpressionThatWouldBacktrackDoesNot) {
  const auto matcher = Matcher::compile(Match::regex, "(a*)*(a|aa)*b");
  ASSERT_TRUE(matcher);
  EXPECT_FALSE(matcher->matches(std::string(100'000, 'a')));
}

TEST(Matcher, SurvivesAnyBytes) {
  const auto matcher = Matcher::compile(Match::regex, ".*x");
  ASSERT_TRUE(matcher);
  EXPECT_FALSE(matcher->matches("\xff\xfe\x80"));
}

}  // namespace
}  // namespace punctual::routing
