#include "targets/breaker.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace punctual::targets {
namespace {

using namespace std::chrono_literals;

class BreakerTest : public testing::Test {
 protected:
  void fail(int times) {
    for (int i = 0; i < times; ++i)
      breaker.failed(breaker.admit(clock.now()), clock.now(), settings);
  }
  void succeed(int times) {
    for (int i = 0; i < times; ++i)
      breaker.succeeded(breaker.admit(clock.now()), clock.now(), settings);
  }
  BreakerState state() const { return breaker.view(clock.now()).state; }

  deadline::ManualClock clock;
  config::Breaker settings;
  Breaker breaker;
};

TEST_F(BreakerTest, OpensOnFailuresInARow) {
  fail(4);
  EXPECT_EQ(state(), BreakerState::closed);
  succeed(1);
  fail(4);
  EXPECT_EQ(state(), BreakerState::closed);
  EXPECT_EQ(breaker.admit(clock.now()), Pass::usual);
  EXPECT_TRUE(breaker.failed(Pass::usual, clock.now(), settings));
  EXPECT_EQ(state(), BreakerState::open);
  EXPECT_EQ(breaker.admit(clock.now()), Pass::refused);
  EXPECT_EQ(breaker.view(clock.now()).opens_in, 5s);
}

TEST_F(BreakerTest, OpensOnAShareOfTheWindow) {
  for (int i = 0; i < 10; ++i) {
    succeed(1);
    fail(1);
  }
  EXPECT_EQ(state(), BreakerState::open);
}

TEST_F(BreakerTest, AShareOfFewCallsMeansNothing) {
  for (int i = 0; i < 9; ++i) {
    succeed(1);
    fail(1);
  }
  EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(BreakerTest, TheWindowForgets) {
  for (int i = 0; i < 9; ++i) {
    succeed(1);
    fail(1);
  }
  clock.advance(31s);
  succeed(1);
  fail(2);
  EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(BreakerTest, LetsOneTrialThroughAndClosesWithIt) {
  fail(5);
  clock.advance(5s);
  EXPECT_EQ(breaker.admit(clock.now()), Pass::trial);
  EXPECT_EQ(state(), BreakerState::half_open);
  EXPECT_EQ(breaker.admit(clock.now()), Pass::refused);
  EXPECT_TRUE(breaker.succeeded(Pass::trial, clock.now(), settings));
  EXPECT_EQ(state(), BreakerState::closed);
  EXPECT_EQ(breaker.admit(clock.now()), Pass::usual);
}

TEST_F(BreakerTest, WaitsTwiceAsLongAfterEachFailedTrial) {
  fail(5);
  for (const auto pause : {5s, 10s, 20s, 40s, 60s, 60s}) {
    EXPECT_EQ(breaker.view(clock.now()).opens_in, pause);
    clock.advance(pause - 1ns);
    EXPECT_EQ(breaker.admit(clock.now()), Pass::refused);
    clock.advance(1ns);
    ASSERT_EQ(breaker.admit(clock.now()), Pass::trial);
    EXPECT_TRUE(breaker.failed(Pass::trial, clock.now(), settings));
  }
}

TEST_F(BreakerTest, ATrialThatSaysNothingIsFollowedByAnother) {
  fail(5);
  clock.advance(5s);
  ASSERT_EQ(breaker.admit(clock.now()), Pass::trial);
  breaker.abandoned(Pass::trial, clock.now());
  EXPECT_EQ(breaker.admit(clock.now()), Pass::trial);
  clock.advance(60s);
  EXPECT_EQ(breaker.admit(clock.now()), Pass::trial);
}

TEST_F(BreakerTest, LateEndsOfOldCallsDoNotMoveIt) {
  const auto old = breaker.admit(clock.now());
  fail(5);
  EXPECT_FALSE(breaker.succeeded(old, clock.now(), settings));
  EXPECT_EQ(state(), BreakerState::open);
  EXPECT_FALSE(breaker.failed(old, clock.now(), settings));
  clock.advance(5s);
  EXPECT_EQ(breaker.admit(clock.now()), Pass::trial);
}

TEST_F(BreakerTest, AnOperatorHoldsItEitherWay) {
  breaker.hold(Hold::open);
  EXPECT_EQ(breaker.admit(clock.now()), Pass::refused);
  EXPECT_EQ(state(), BreakerState::open);
  breaker.hold(Hold::closed);
  fail(50);
  EXPECT_EQ(breaker.admit(clock.now()), Pass::usual);
  EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(BreakerTest, ACheckBringsTheTrialForward) {
  fail(5);
  breaker.try_soon(clock.now());
  EXPECT_EQ(breaker.admit(clock.now()), Pass::trial);
}

TEST_F(BreakerTest, ZeroSwitchesAReasonOff) {
  settings.failures_in_a_row = 0;
  settings.error_share = 0;
  fail(1000);
  EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(BreakerTest, ManyThreadsGetOneTrial) {
  fail(5);
  clock.advance(5s);
  std::atomic<int> trials = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 100; ++j)
          trials += breaker.admit(clock.now()) == Pass::trial ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(trials, 1);
}

}  // namespace
}  // namespace punctual::targets
