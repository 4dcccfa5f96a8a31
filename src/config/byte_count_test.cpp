#include "config/byte_count.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace punctual::config {
namespace {

TEST(ByteCount, ReadsUnits) {
  EXPECT_EQ(parse_byte_count("0"), 0u);
  EXPECT_EQ(parse_byte_count("1048576"), 1048576u);
  EXPECT_EQ(parse_byte_count("512 B"), 512u);
  EXPECT_EQ(parse_byte_count("64MiB"), 64u << 20);
  EXPECT_EQ(parse_byte_count("64mib"), 64u << 20);
  EXPECT_EQ(parse_byte_count("1.5 GiB"), std::uint64_t{3} << 29);
  EXPECT_EQ(parse_byte_count(" 80GB "), 80'000'000'000u);
  EXPECT_EQ(parse_byte_count("2TiB"), std::uint64_t{2} << 40);
}

TEST(ByteCount, RefusesTheRest) {
  for (const char* text : {"", "MiB", "-1", "-1MiB", "64 MB of it", "64QiB", "1e30GiB", "nan",
                           "99999999999999TiB", "0x10", "1,5GiB", "18446744073709551616"}) {
    EXPECT_EQ(parse_byte_count(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(ByteCount, ReadsEveryWholeNumber, (std::uint64_t bytes)) {
  RC_ASSERT(parse_byte_count(std::to_string(bytes)) == bytes);
}

}  // namespace
}  // namespace punctual::config
