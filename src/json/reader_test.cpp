#include "json/reader.hpp"

#include <gtest/gtest.h>

namespace punctual::json {
namespace {

TEST(Reader, ReadsAndIsReadyForTheNextText) {
  Reader reader;
  for (const int number : {1, 2, 3}) {
    std::string text = R"({"n":)" + std::to_string(number) + "}";
    const auto document = reader.read(text);
    ASSERT_TRUE(document);
    EXPECT_EQ(std::int64_t(document->at_key("n")), number);
    EXPECT_EQ(text, R"({"n":)" + std::to_string(number) + "}");
  }
}

TEST(Reader, IsStrict) {
  Reader reader;
  for (const std::string_view bad : {"",
                                     " ",
                                     "{",
                                     "{}}",
                                     "{} x",
                                     "{'a':1}",
                                     "{\"a\":1,}",
                                     "[1,]",
                                     "{\"a\" 1}",
                                     "01",
                                     "+1",
                                     ".5",
                                     "1.",
                                     "nul",
                                     "\"\t\"",
                                     "\"\\x\"",
                                     "\"\\ud800\"",
                                     "\"\xff\"",
                                     "\"\xed\xa0\x80\"",
                                     "NaN",
                                     "// c\n1",
                                     "\xef\xbb\xbf{}",
                                     "1e999"}) {
    const auto document = reader.read_copy(bad);
    EXPECT_FALSE(document) << bad;
    if (!document) EXPECT_FALSE(document.error().empty());
  }
  EXPECT_TRUE(reader.read_copy(" [1] \r\n"));
}

TEST(Reader, BoundsTheDepth) {
  Reader reader;
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(reader.read_copy(nested(Reader::depth_max - 1)));
  EXPECT_FALSE(reader.read_copy(nested(Reader::depth_max + 1)));
  EXPECT_FALSE(reader.read_copy(std::string(100000, '[')));
  EXPECT_TRUE(reader.read_copy("[]")) << "a failure does not spoil the reader";
}

TEST(Reader, ReadsLargeTextsBetweenSmallOnes) {
  Reader reader;
  std::string large = "[\"" + std::string(Reader::kept_bytes_max, 'x') + "\"]";
  const auto document = reader.read(large);
  ASSERT_TRUE(document);
  EXPECT_EQ(std::string_view(document->at(0)).size(), Reader::kept_bytes_max);
  EXPECT_TRUE(reader.read_copy("[1]"));
}

}  // namespace
}  // namespace punctual::json
