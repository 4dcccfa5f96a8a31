#include "admission/meter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <thread>
#include <vector>

namespace punctual::admission {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class Meters : public ::testing::Test {
 protected:
  int taken_at_once() {
    int taken = 0;
    while (meter.take(now) == nanoseconds(0))
      ++taken;
    return taken;
  }

  Meter meter;
  deadline::Instant now{std::chrono::hours(1)};
};

TEST_F(Meters, WithoutALimitGiveEverything) {
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(meter.take(now), nanoseconds(0));
  meter.take_anyway(1'000'000, now);
  EXPECT_EQ(meter.wait(now), nanoseconds(0));
}

TEST_F(Meters, GiveAMinutesWorthAtOnceThenOneAtATime) {
  meter.set_rate(30, now);
  EXPECT_EQ(taken_at_once(), 30);
  EXPECT_EQ(meter.take(now), seconds(2));
  EXPECT_EQ(meter.wait(now), seconds(2));
  now += milliseconds(500);
  EXPECT_EQ(meter.take(now), milliseconds(1500));
  now += milliseconds(1500);
  EXPECT_EQ(taken_at_once(), 1);
  now += minutes(10);
  EXPECT_EQ(taken_at_once(), 30);
}

TEST_F(Meters, GoBelowZeroForWhatWasUsed) {
  meter.set_rate(600, now);
  meter.take_anyway(599, now);
  EXPECT_EQ(meter.wait(now), nanoseconds(0));
  meter.take_anyway(601, now);
  EXPECT_EQ(meter.wait(now), seconds(60) + milliseconds(100));
  now += seconds(60) + milliseconds(100);
  EXPECT_EQ(meter.wait(now), nanoseconds(0));
}

TEST_F(Meters, OweAnAmountNotATimeWhenTheirRateChanges) {
  meter.set_rate(600, now);
  meter.take_anyway(1200, now);
  meter.set_rate(6000, now);
  EXPECT_EQ(meter.wait(now), nanoseconds(0));
  meter.set_rate(600, now);
  EXPECT_EQ(meter.wait(now), seconds(60) + milliseconds(100));
  meter.set_rate(600, now);
  EXPECT_EQ(meter.wait(now), seconds(60) + milliseconds(100));
  meter.set_rate(0, now);
  meter.set_rate(600, now);
  EXPECT_EQ(meter.wait(now), nanoseconds(0));
}

TEST_F(Meters, BearAbsurdAmounts) {
  meter.set_rate(1, now);
  for (int i = 0; i < 10; ++i)
    meter.take_anyway(UINT64_MAX, now);
  EXPECT_GT(meter.wait(now), std::chrono::hours(24 * 365));
  meter.set_rate(UINT64_MAX, now);
  EXPECT_EQ(meter.per_minute(), Meter::per_minute_max);
  EXPECT_GE(meter.wait(now), nanoseconds(0));
}

// Whatever is asked when: no more than a bucket and what flowed in, and what the answer promises holds.
RC_GTEST_FIXTURE_PROP(Meters, NeverGiveMoreThanTheyMay, ()) {
  const auto rate = *rc::gen::inRange<std::uint64_t>(1, 5000);
  meter.set_rate(rate, now);
  const auto pauses = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 500));
  const auto start = now;
  std::uint64_t taken = 0;
  for (const int pause : pauses) {
    now += milliseconds(pause);
    const auto wait = meter.take(now);
    if (wait == nanoseconds(0)) {
      ++taken;
    } else {
      RC_ASSERT(meter.wait(now + wait) == nanoseconds(0));
      RC_ASSERT(meter.wait(now + wait - nanoseconds(1)) > nanoseconds(0));
    }
  }
  const auto passed = static_cast<std::uint64_t>((now - start).count());
  RC_ASSERT(taken <= rate + passed * rate / 60'000'000'000 + 1);
}

TEST_F(Meters, AreSharedByCores) {
  meter.set_rate(1000, now);
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> cores;
    cores.reserve(4);
    for (int core = 0; core < 4; ++core) {
      cores.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          if (meter.take(now) == nanoseconds(0)) ++taken;
        }
      });
    }
  }
  EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace punctual::admission
