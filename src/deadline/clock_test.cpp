#include "deadline/clock.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace punctual::deadline {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Clock, ManualStandsStillUntilItIsTold) {
  ManualClock clock;
  const Instant start = clock.now();
  EXPECT_GT(start, Instant{});
  EXPECT_EQ(clock.now(), start);
  clock.advance(milliseconds(5));
  EXPECT_EQ(clock.now() - start, milliseconds(5));
  EXPECT_EQ(clock.wall_now().time_since_epoch(), clock.now().time_since_epoch());
}

TEST(Clock, ManualNeverGoesBack) {
  ManualClock clock;
  const Instant start = clock.now();
  clock.advance_to(start + hours(1));
  clock.advance_to(start);
  EXPECT_EQ(clock.now(), start + hours(1));
}

TEST(Clock, SystemIsMonotonic) {
  const SystemClock clock;
  Instant last = clock.now();
  for (int i = 0; i < 1000; ++i) {
    const Instant now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
  EXPECT_GT(clock.wall_now(), WallTime(hours(24) * 365 * 50));
}

TEST(Clock, SecondsRoundTrip) {
  for (const double value : {0.0, 0.001, 0.25, 1.0, 59.999, 900.0, 7200.0, 8640000.0})
    EXPECT_DOUBLE_EQ(seconds(from_seconds(value)), value);
  EXPECT_EQ(from_seconds(1e-9), Duration(1));
  EXPECT_EQ(from_seconds(0.6e-9), Duration(1));
}

TEST(Clock, SecondsBeyondACenturyAreACentury) {
  const Duration century = hours(24) * 365 * 100;
  for (const double large : {1e10, 1e300, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(from_seconds(large), century);
    EXPECT_EQ(from_seconds(-large), -century);
  }
  EXPECT_GT(SystemClock().now() + century, SystemClock().now());
}

}  // namespace
}  // namespace punctual::deadline
