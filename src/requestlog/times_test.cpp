#include "requestlog/times.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace punctual::requestlog {
namespace {

TEST(Times, AreReadAsRfc3339) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20.007Z"), 1'700'000'000'007'000);
  EXPECT_EQ(parse_rfc3339("2023-11-15T00:13:20+02:00"), 1'700'000'000'000'000);
  EXPECT_EQ(parse_rfc3339("2023-11-14 22:13:20.1234567z"), 1'700'000'000'123'456);
  EXPECT_EQ(parse_rfc3339("2023-11-14"), 1'699'920'000'000'000);
}

TEST(Times, ThatAreNoneAreRefused) {
  for (const auto text :
       {"", "now", "2023-13-01", "2023-02-30", "2023-11-14T", "2023-11-14T24:00:00Z", "2023-11-14T22:13:20",
        "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Z ", "1969-12-31T00:00:00Z", "2023-11-14T22:13Z"})
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

RC_GTEST_PROP(Times, AreReadAsTheyAreWritten, ()) {
  const auto time = *rc::gen::inRange<std::int64_t>(0, 253'402'300'799'000'000);
  RC_ASSERT(parse_rfc3339(rfc3339(time)) == time);
}

TEST(Durations, HaveUnits) {
  EXPECT_EQ(parse_duration("2.5"), 2'500'000);
  EXPECT_EQ(parse_duration("500ms"), 500'000);
  EXPECT_EQ(parse_duration("90s"), 90'000'000);
  EXPECT_EQ(parse_duration("15m"), 900'000'000);
  EXPECT_EQ(parse_duration("1h"), 3'600'000'000);
  EXPECT_EQ(parse_duration("7d"), 604'800'000'000);
  EXPECT_EQ(parse_duration("0"), 0);
}

TEST(Durations, ThatAreNoneAreRefused) {
  for (const auto text : {"", "h", "-1h", "+1h", "1 h", "1w", "nan", "inf", "1e300", "0x1", "1hh"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

}  // namespace
}  // namespace punctual::requestlog
