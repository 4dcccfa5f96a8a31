#include "process/output_tail.hpp"

#include <gmock/gmock.h>

namespace punctual::process {
namespace {

using testing::ElementsAre;

constexpr std::string_view replaced = "\xef\xbf\xbd";

std::vector<std::string> lines_of(std::string_view text) {
  OutputTail tail;
  tail.append(text);
  return tail.lines();
}

TEST(OutputTail, KeepsLinesAndTheUnfinishedOne) {
  EXPECT_THAT(lines_of(""), ElementsAre());
  EXPECT_THAT(lines_of("a\nb\r\n\nc"), ElementsAre("a", "b", "", "c"));
}

TEST(OutputTail, IsTheSameInPieces) {
  const std::string text =
      "gr\xc3\xb6\xc3\x9f"
      "e \x1b[1;31mred\x1b[0m\r\n10%\r20%\rdone\n\x1b]0;title\atext\xff\n";
  OutputTail tail;
  for (const char byte : text)
    tail.append({&byte, 1});
  EXPECT_EQ(tail.lines(), lines_of(text));
  EXPECT_THAT(tail.lines(), ElementsAre("gr\xc3\xb6\xc3\x9f"
                                        "e red",
                                        "done", "text" + std::string(replaced)));
  EXPECT_EQ(tail.bytes(), text.size());
}

TEST(OutputTail, IsBounded) {
  OutputTail tail;
  for (int i = 0; i < 1000; ++i)
    tail.append(std::string(5000, 'x') + "\n");
  std::size_t bytes = 0;
  for (const auto& line : tail.lines()) {
    EXPECT_LE(line.size(), OutputTail::line_bytes_max);
    EXPECT_TRUE(line.ends_with("x..."));
    bytes += line.size();
  }
  EXPECT_LE(bytes, OutputTail::bytes_max);
  EXPECT_GT(bytes, OutputTail::bytes_max / 2);
  for (int i = 0; i < 1000; ++i)
    tail.append("y\n");
  EXPECT_EQ(tail.lines().size(), OutputTail::lines_max);
  EXPECT_EQ(tail.bytes(), 5'003'000U);
}

TEST(OutputTail, BoundsWhatIsReplacedToo) {
  const auto lines = lines_of(std::string(100'000, '\x01'));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LE(lines[0].size(), OutputTail::line_bytes_max);
}

TEST(Printable, KeepsTextAndReplacesTheRest) {
  const std::string text = "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80";
  EXPECT_EQ(printable(text, 100), text);
  EXPECT_EQ(printable("a\tb", 100), "a b");
  for (const std::string_view bad : {"\xff", "\xc0", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                     "\xc2\x9b", "\x7f", "\xe2\x80\xae", "\xe2\x80\xa8", "\xe2\x81\xa6"}) {
    const auto clean = printable(bad, 100);
    EXPECT_TRUE(clean.starts_with(replaced)) << bad.size();
    EXPECT_EQ(clean.size() % replaced.size(), 0U);
  }
}

TEST(Printable, CutsBetweenCharacters) {
  EXPECT_EQ(printable("ab\xe2\x82\xac", 4), "ab");
  EXPECT_EQ(printable("ab\xe2\x82\xac", 5), "ab\xe2\x82\xac");
}

}  // namespace
}  // namespace punctual::process
