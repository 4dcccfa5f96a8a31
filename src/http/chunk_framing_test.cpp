#include "http/chunk_framing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace punctual::http {
namespace {

// What is left of "5\r\nhello\r\n0\r\n\r\n" without its content.
TEST(ChunkFraming, TakesPlainFramingAtEverySplit) {
  const std::string framing = "5;a=b\r\n\r\n000C\r\n\r\n0;z\r\nX-Sum: 1\r\nY:\r\n\r\n";
  for (std::size_t split = 0; split <= framing.size(); ++split) {
    ChunkFraming watch;
    EXPECT_TRUE(watch.feed(std::string_view(framing).substr(0, split))) << split;
    EXPECT_TRUE(watch.feed(std::string_view(framing).substr(split))) << split;
    EXPECT_FALSE(watch.feed("0")) << "nothing may follow the end";
  }
}

TEST(ChunkFraming, RefusesWhatIsNotInItsPlace) {
  using namespace std::literals;
  for (const std::string_view bad :
       {"\r\n"sv,       " 5\r\n"sv,      "5 \r\n"sv,     "+5\r\n"sv,     "0x5\r\n"sv,   "5\n"sv,
        "5\r5"sv,       "5;a\nb"sv,      "5;a\rb"sv,     "5;\0"sv,       "5\r\n5"sv,    "5\r\n\n"sv,
        "5\r\n\r0"sv,   "0\r\n\n"sv,     "0\r\n\rX"sv,   "0\r\n X: 1"sv, "0\r\n:"sv,    "0\r\nX: a\r\n b"sv,
        "0\r\nX : a"sv, "0\r\nX: a\n"sv, "0\r\nX: \0"sv, "0\r\nX\r\n"sv, "0\r\n\r\n5"sv}) {
    ChunkFraming watch;
    EXPECT_FALSE(watch.feed(bad)) << bad;
    EXPECT_FALSE(watch.violation().empty());
    EXPECT_FALSE(watch.feed("0\r\n")) << "a violation stays";
    watch.reset();
    EXPECT_TRUE(watch.feed("0\r\n\r\n"));
  }
}

}  // namespace
}  // namespace punctual::http
