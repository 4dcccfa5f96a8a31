#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace punctual::base {
namespace {

TEST(Text, ComparesAsciiLettersWithoutCase) {
  EXPECT_TRUE(equals_ignoring_case("Content-Length", "content-LENGTH"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("\xc4", "\xe4"));
}

TEST(Text, TrimsSpacesAndTabsOnly) {
  EXPECT_EQ(trimmed(" \t a b\t "), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed("\na\r"), "\na\r");
}

TEST(Text, TakesItemsOfAList) {
  std::string_view list = " a ,b,, c=1 ";
  std::vector<std::string_view> items;
  while (!list.empty())
    items.push_back(take_item(list, ','));
  EXPECT_EQ(items, (std::vector<std::string_view>{"a", "b", "", "c=1"}));
  EXPECT_EQ(take_item(list, ','), "");
}

TEST(Text, ParsesWholeUnsignedNumbers) {
  EXPECT_EQ(parse_unsigned("0"), 0U);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), UINT64_MAX);
  for (const std::string_view wrong :
       {"", "18446744073709551616", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "a"})
    EXPECT_EQ(parse_unsigned(wrong), std::nullopt) << wrong;
  EXPECT_EQ(parse_unsigned(std::string_view{}), std::nullopt);
}

TEST(Text, ParsesFiniteDecimals) {
  EXPECT_EQ(parse_decimal("2"), 2.0);
  EXPECT_EQ(parse_decimal("0.25"), 0.25);
  EXPECT_EQ(parse_decimal("1e3"), 1000.0);
  EXPECT_EQ(parse_decimal("+1.5"), 1.5);
  EXPECT_EQ(parse_decimal("-1.5"), -1.5);
  EXPECT_EQ(parse_decimal(".5"), 0.5);
  for (const std::string_view wrong : {"", "+", "-", "+-1", "++1", "--1", " 1", "1 ", "1,5", "0x10", "nan",
                                       "inf", "-inf", "infinity", "1e400", "1e", "1s", "1.2.3"})
    EXPECT_EQ(parse_decimal(wrong), std::nullopt) << wrong;
  EXPECT_EQ(parse_decimal(std::string_view("1\0", 2)), std::nullopt);
}

TEST(PercentDecoded, UndoesEscapesAndLeavesWhatIsNone) {
  EXPECT_EQ(percent_decoded("a%2Fb%3a%20c"), "a/b: c");
  EXPECT_EQ(percent_decoded("100%"), "100%");
  EXPECT_EQ(percent_decoded("%4"), "%4");
  EXPECT_EQ(percent_decoded("%zz%41"), "%zzA");
  EXPECT_EQ(percent_decoded("+"), "+");
}

}  // namespace
}  // namespace punctual::base
