#include "base/signals.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/task.hpp"

namespace punctual::base {
namespace {

Task<> record(Signals& signals, Signals::Mask wanted, int times, std::vector<Signals::Mask>& seen) {
  for (int i = 0; i < times; ++i) {
    const auto bits = co_await signals.wait(wanted);
    seen.push_back(bits);
  }
}

TEST(Signals, RaisingNeverResumesOnTheSpot) {
  ReadyQueue queue;
  Signals signals(queue);
  std::vector<Signals::Mask> seen;
  spawn(record(signals, 3, 1, seen));
  signals.raise(1);
  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(queue.run(), 1U);
  EXPECT_EQ(seen, (std::vector<Signals::Mask>{1}));
}

TEST(Signals, BitsRaisedBeforeTheWaitAreNotLost) {
  ReadyQueue queue;
  Signals signals(queue);
  std::vector<Signals::Mask> seen;
  signals.raise(2);
  spawn(record(signals, 2, 1, seen));
  EXPECT_EQ(seen, (std::vector<Signals::Mask>{2}));
  EXPECT_TRUE(queue.empty());
}

TEST(Signals, BitsThatNobodyWaitsForStayRaised) {
  ReadyQueue queue;
  Signals signals(queue);
  std::vector<Signals::Mask> seen;
  spawn(record(signals, 1, 1, seen));
  signals.raise(4);
  EXPECT_TRUE(queue.empty());
  signals.raise(1);
  queue.run();
  EXPECT_EQ(seen, (std::vector<Signals::Mask>{1}));
  EXPECT_EQ(signals.take(7), 4U);
  EXPECT_EQ(signals.take(7), 0U);
}

TEST(Signals, RaisesBeforeTheResumptionAreSeenTogether) {
  ReadyQueue queue;
  Signals signals(queue);
  std::vector<Signals::Mask> seen;
  spawn(record(signals, 7, 1, seen));
  signals.raise(1);
  signals.raise(1);
  signals.raise(4);
  EXPECT_EQ(queue.run(), 1U);
  EXPECT_EQ(seen, (std::vector<Signals::Mask>{5}));
}

TEST(Signals, OneWaiterIsResumedOncePerWait) {
  ReadyQueue queue;
  Signals signals(queue);
  std::vector<Signals::Mask> seen;
  spawn(record(signals, 1, 3, seen));
  for (int i = 0; i < 3; ++i) {
    signals.raise(1);
    queue.run();
  }
  EXPECT_EQ(seen.size(), 3U);
}

Task<> answer(Signals& mine, Signals& others, int times) {
  for (int i = 0; i < times; ++i) {
    co_await mine.wait(1);
    others.raise(1);
  }
}

TEST(ReadyQueue, RunGoesOnUntilNothingIsReady) {
  ReadyQueue queue;
  Signals ping(queue);
  Signals pong(queue);
  spawn(answer(ping, pong, 100));
  spawn(answer(pong, ping, 100));
  ping.raise(1);
  EXPECT_EQ(queue.run(), 200U);
}

TEST(ReadyQueue, RoundLeavesToTheNextWhatBecomesReadyMeanwhile) {
  ReadyQueue queue;
  Signals ping(queue);
  Signals pong(queue);
  spawn(answer(ping, pong, 100));
  spawn(answer(pong, ping, 100));
  ping.raise(1);
  EXPECT_EQ(queue.run_round(), 1U);
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.run_round(), 1U);
  EXPECT_EQ(queue.run(), 198U);
}

Task<> note(ReadyQueue& queue, int number, std::vector<int>& order) {
  order.push_back(number);
  co_await queue.yield();
  order.push_back(number);
}

TEST(ReadyQueue, YieldLetsTheOthersRun) {
  ReadyQueue queue;
  std::vector<int> order;
  spawn(note(queue, 1, order));
  spawn(note(queue, 2, order));
  queue.run();
  EXPECT_EQ(order, (std::vector{1, 2, 1, 2}));
}

}  // namespace
}  // namespace punctual::base
