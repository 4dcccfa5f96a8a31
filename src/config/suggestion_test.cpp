#include "config/suggestion.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>

namespace punctual::config {
namespace {

constexpr std::array<std::string_view, 3> known = {"connect_seconds", "idle_seconds", "drain_seconds"};

TEST(Suggestion, NamesTheNearestWord) {
  EXPECT_EQ(nearest("conect_seconds", known), "connect_seconds");
  EXPECT_EQ(nearest("idle_second", known), "idle_seconds");
  EXPECT_EQ(suggestion("drian_seconds", known), "did you mean drain_seconds?");
}

TEST(Suggestion, ListsWhatIsKnownWhenNothingIsNear) {
  EXPECT_EQ(nearest("colour", known), "");
  EXPECT_EQ(suggestion("colour", known), "known are connect_seconds, idle_seconds and drain_seconds");
}

TEST(Suggestion, DoesNotReplaceAWholeShortWord) {
  constexpr std::array<std::string_view, 1> short_words = {"tls"};
  EXPECT_EQ(nearest("ab", short_words), "");
}

TEST(EditDistance, CountsTheEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

RC_GTEST_PROP(EditDistance, IsADistance, (const std::string& a, const std::string& b, const std::string& c)) {
  RC_ASSERT(edit_distance(a, a) == 0u);
  RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
  RC_ASSERT(edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c));
  RC_ASSERT(edit_distance(a, b) <= std::max(a.size(), b.size()));
}

}  // namespace
}  // namespace punctual::config
