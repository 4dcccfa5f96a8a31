#include "gateway/arrival_times.hpp"

#include <gtest/gtest.h>

namespace punctual::gateway {
namespace {

using std::chrono::milliseconds;

TEST(ArrivalTimes, AreZeroWhereNothingIsKnown) {
  ArrivalTimes times;
  EXPECT_EQ(times.usual("a", "m"), milliseconds(0));
  times.learn("a", "m", milliseconds(80));
  EXPECT_EQ(times.usual("a", "other"), milliseconds(0));
  EXPECT_EQ(times.usual("b", "m"), milliseconds(0));
}

TEST(ArrivalTimes, AreTheFirstTimeAndThenAMovingAverage) {
  ArrivalTimes times;
  times.learn("a", "m", milliseconds(80));
  EXPECT_EQ(times.usual("a", "m"), milliseconds(80));
  times.learn("a", "m", milliseconds(160));
  EXPECT_EQ(times.usual("a", "m"), milliseconds(90));
  times.learn("a", "m", milliseconds(10));
  EXPECT_EQ(times.usual("a", "m"), milliseconds(80));
}

TEST(ArrivalTimes, AreLearntForABoundedNumberOfTargets) {
  ArrivalTimes times;
  for (std::size_t i = 0; i <= ArrivalTimes::targets_max; ++i)
    times.learn("a", std::to_string(i), milliseconds(1));
  EXPECT_EQ(times.usual("a", std::to_string(ArrivalTimes::targets_max - 1)), milliseconds(1));
  EXPECT_EQ(times.usual("a", std::to_string(ArrivalTimes::targets_max)), milliseconds(0));
  times.learn("a", "0", milliseconds(9));
  EXPECT_EQ(times.usual("a", "0"), milliseconds(2));
}

}  // namespace
}  // namespace punctual::gateway
