#include "storage/value.hpp"

#include <gtest/gtest.h>

namespace punctual::storage {
namespace {

using namespace std::string_literals;

TEST(StorableText, IsWhatItWasWhereItCanBeStored) {
  for (const std::string& text :
       {""s, "plain"s, "\x01\x7f"s, "é世🙂\xf4\x8f\xbf\xbf"s, "\xed\x9f\xbf\xee\x80\x80"s}) {
    EXPECT_TRUE(is_storable_text(text)) << text;
    EXPECT_EQ(storable_text(text), text);
  }
}

TEST(StorableText, HasReplacementsForWhatCannotBeStored) {
  const std::string mark = "\xef\xbf\xbd";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a\0b"s, "a" + mark + "b"},
      {"\xff", mark},
      {"\xc0\xaf", mark + mark},                        // too long for what it is
      {"\xe0\x80\xaf", mark + mark + mark},             // the same
      {"\xed\xa0\x80", mark + mark + mark},             // half of a pair
      {"\xf4\x90\x80\x80", mark + mark + mark + mark},  // beyond Unicode
      {"x\xe4\xb8", "x" + mark + mark},                 // cut
      {"\xc3(", mark + "("},
  };
  for (const auto& [text, stored] : cases) {
    EXPECT_FALSE(is_storable_text(text));
    EXPECT_EQ(storable_text(text), stored);
  }
}

TEST(Values, ComeFromOptionals) {
  EXPECT_EQ(optional_value(std::optional<std::int64_t>(5)), Value(5));
  EXPECT_EQ(optional_value(std::optional<std::string>()), Value());
}

TEST(RowsOfAnAnswer, AreWalkedOver) {
  const Rows rows(2, {1, "a", 2, "b"}, 0);
  std::string text;
  for (const Row row : rows)
    text += std::to_string(row.integer(0)) + row.text(1);
  EXPECT_EQ(text, "1a2b");
  EXPECT_TRUE(Rows().empty());
}

}  // namespace
}  // namespace punctual::storage
