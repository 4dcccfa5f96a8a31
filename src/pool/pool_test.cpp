#include "pool/pool.hpp"

#include <gmock/gmock.h>

#include "pool/pool_testing.hpp"

namespace punctual::pool {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using State = LoadWaiter::State;

TEST_F(PoolTest, OneStartServesAllWhoWait) {
  auto first = visit("a");
  auto second = visit("a");
  EXPECT_EQ(processes_.size(), 1u);
  EXPECT_EQ(state("a"), EngineState::loading);
  pass(seconds(1));
  EXPECT_EQ(first.state(), State::waiting);
  ready_.insert("a");
  pass(milliseconds(100));
  EXPECT_EQ(first.state(), State::ready);
  EXPECT_EQ(second.state(), State::ready);
  EXPECT_EQ(view("a").in_flight, 2u);
  const auto third = visit("a");
  EXPECT_EQ(third.waiter, nullptr) << "the pool is not asked for an engine that is there";
  EXPECT_EQ(processes_.size(), 1u);
}

TEST_F(PoolTest, OneWhoLeavesDoesNotEndTheLoadAndTheLastOneDoes) {
  const auto first = visit("a");
  const auto second = visit("a");
  EXPECT_TRUE(pool_.leave(first.waiter));
  turn();
  EXPECT_EQ(state("a"), EngineState::loading);
  EXPECT_TRUE(pool_.leave(second.waiter));
  turn();
  EXPECT_EQ(state("a"), EngineState::stopping);
  EXPECT_EQ(processes_[0].terms, 1);
  exit(processes_[0]);
  EXPECT_EQ(state("a"), EngineState::unloaded);
  EXPECT_EQ(pool_.view().used_bytes, 0u);
}

TEST_F(PoolTest, WhoComesWhileItEndsGetsANewOne) {
  const auto first = visit("a");
  pool_.leave(first.waiter);
  turn();
  const auto second = visit("a");
  EXPECT_EQ(processes_.size(), 1u);
  exit(processes_[0]);
  EXPECT_EQ(processes_.size(), 2u);
  EXPECT_EQ(second.state(), State::waiting);
}

TEST_F(PoolTest, TheLeastRecentlyUsedLeavesForAnotherOnceItsProcessHasEnded) {
  bring("a");
  pass(seconds(20));
  bring("b");
  pass(seconds(20));
  const auto visit = this->visit("c");
  EXPECT_EQ(state("c"), EngineState::waiting);
  EXPECT_EQ(state("a"), EngineState::stopping);
  EXPECT_EQ(state("b"), EngineState::ready);
  EXPECT_EQ(processes_.size(), 2u) << "its memory is not free before it has ended";
  exit(processes_[0]);
  EXPECT_EQ(state("c"), EngineState::loading);
  EXPECT_LE(pool_.view().used_bytes, pool_.view().limit_bytes);
}

TEST_F(PoolTest, OneThatIsUsedNeverLeaves) {
  bring("a");
  bring("b");
  pass(seconds(20));
  auto a = visit("a");
  auto b = visit("b");
  const auto c = visit("c");
  pass(seconds(100));
  EXPECT_EQ(state("a"), EngineState::ready);
  EXPECT_EQ(state("b"), EngineState::ready);
  EXPECT_EQ(c.state(), State::waiting);
  b.lease.end();
  pass(seconds(2));
  EXPECT_EQ(state("b"), EngineState::stopping);
  EXPECT_EQ(processes_[0].terms, 0);
}

TEST_F(PoolTest, OneThatHasJustComeStaysForAWhile) {
  bring("a");
  bring("b");
  const auto c = visit("c");
  pass(seconds(8));
  EXPECT_EQ(state("a"), EngineState::ready);
  pass(seconds(3));
  EXPECT_EQ(state("a"), EngineState::stopping);
}

TEST_F(PoolTest, PinnedOnesStay) {
  configure("memory_limit = \"5GiB\"\nidle_unload_seconds = 1\n", "pinned = true\n");
  bring("a");
  const auto b = visit("b");
  pass(seconds(60));
  EXPECT_EQ(state("a"), EngineState::ready);
  EXPECT_EQ(b.state(), State::waiting);
}

TEST_F(PoolTest, WhatNeverFitsIsRefusedWithTheSum) {
  configure("memory_limit = \"3GiB\"\n");
  const auto a = visit("a");
  EXPECT_EQ(a.state(), State::refused);
  EXPECT_THAT(a.waiter->reason(), HasSubstr("'a' can never be loaded: it takes 4 GiB"));
  EXPECT_THAT(a.waiter->reason(), HasSubstr("may use 3 GiB"));
  EXPECT_TRUE(processes_.empty());
}

TEST_F(PoolTest, ALoweredLimitEmptiesThePool) {
  bring("a");
  bring("b");
  configure("memory_limit = \"5GiB\"\n");
  EXPECT_EQ(state("a"), EngineState::stopping);
  EXPECT_EQ(state("b"), EngineState::ready);
}

TEST_F(PoolTest, WhatIsIdleForLongLeaves) {
  configure("memory_limit = \"10GiB\"\nidle_unload_seconds = 30\n");
  bring("a");
  auto a = visit("a");
  pass(seconds(100));
  EXPECT_EQ(state("a"), EngineState::ready) << "it is used";
  a.lease.end();
  pass(seconds(29));
  EXPECT_EQ(state("a"), EngineState::ready);
  pass(seconds(3));
  EXPECT_EQ(state("a"), EngineState::stopping);
}

TEST_F(PoolTest, AStartThatFailsIsToldToAllAndLeftAloneForLongerAndLonger) {
  const auto first = visit("a");
  const auto second = visit("a");
  exit(processes_[0], "exit code 1");
  for (const auto* one : {&first, &second}) {
    EXPECT_EQ(one->state(), State::refused);
    EXPECT_THAT(one->waiter->reason(), HasSubstr("did not start: exit code 1"));
    EXPECT_THAT(one->waiter->reason(), HasSubstr("out of luck"));
  }
  const auto third = visit("a");
  EXPECT_EQ(third.state(), State::refused);
  EXPECT_EQ(processes_.size(), 1u) << "it is not tried again with every request";
  EXPECT_EQ(third.waiter->retry_after(), seconds(1));
  pass(seconds(1));
  const auto fourth = visit("a");
  EXPECT_EQ(processes_.size(), 2u);
  exit(processes_[1], "exit code 1");
  EXPECT_EQ(fourth.waiter->retry_after(), seconds(2));
  EXPECT_TRUE(pool_.load("a")) << "by hand it is tried at once";
  EXPECT_EQ(processes_.size(), 3u);
}

TEST_F(PoolTest, AProgramThatIsNotThere) {
  cannot_start_ = "there is no program \"x\"";
  const auto a = visit("a");
  EXPECT_EQ(a.state(), State::refused);
  EXPECT_THAT(a.waiter->reason(), HasSubstr("cannot be started: there is no program"));
  EXPECT_EQ(pool_.view().used_bytes, 0u);
}

TEST_F(PoolTest, ALoadIsGivenUpWhenNothingMovesNotWhenItIsLong) {
  const auto a = visit("a");
  for (int i = 0; i < 10; ++i) {
    pass(seconds(200));
    ++processes_[0].life;
  }
  pass(seconds(1));
  EXPECT_EQ(a.state(), State::waiting);
  EXPECT_GE(a.waiter->progress(), 9u);
  pass(seconds(300));
  EXPECT_EQ(a.state(), State::refused);
  EXPECT_THAT(a.waiter->reason(), HasSubstr("no progress while loading for 300 s"));
  EXPECT_EQ(processes_[0].kills, 1);
  EXPECT_EQ(state("a"), EngineState::stopping) << "its memory counts until it has ended";
  exit(processes_[0], "killed by SIGKILL");
  EXPECT_EQ(pool_.view().used_bytes, 0u);
}

TEST_F(PoolTest, ACrashIsCountedAndTheNextRequestAfterThePauseLoadsItAnew) {
  bring("a");
  auto user = visit("a");
  exit(processes_[0], "killed by SIGSEGV");
  EXPECT_EQ(state("a"), EngineState::unloaded);
  EXPECT_EQ(view("a").crashes, 1u);
  EXPECT_THAT(view("a").problem, HasSubstr("ended while it was in use: killed by SIGSEGV"));
  EXPECT_FALSE(Lease::try_take(pool_.find("a"), clock_));
  user.lease.end();
  pass(seconds(2));
  const auto again = visit("a");
  EXPECT_EQ(processes_.size(), 2u);
}

TEST_F(PoolTest, AStubbornOneIsAskedTwiceAndThenKilled) {
  bring("a");
  EXPECT_TRUE(pool_.unload("a"));
  EXPECT_EQ(processes_[0].terms, 1);
  pass(seconds(3));
  EXPECT_EQ(processes_[0].terms, 2);
  EXPECT_EQ(processes_[0].kills, 0);
  pass(seconds(3));
  EXPECT_EQ(processes_[0].kills, 1);
}

TEST_F(PoolTest, UnloadingWaitsForThoseWhoUseItAndLetsNobodyNewIn) {
  bring("a");
  auto user = visit("a");
  EXPECT_TRUE(pool_.unload("a"));
  const auto next = visit("a");
  EXPECT_EQ(next.state(), State::waiting);
  pass(seconds(5));
  EXPECT_EQ(processes_[0].terms, 0);
  user.lease.end();
  pass(seconds(2));
  EXPECT_EQ(processes_[0].terms, 1);
  exit(processes_[0]);
  EXPECT_EQ(processes_.size(), 2u) << "for the one that came";
}

TEST_F(PoolTest, OtherSettingsMeanAnotherProcessWhenNobodyUsesTheOldOne) {
  bring("a");
  auto user = visit("a");
  configure("memory_limit = \"10GiB\"\n", "slots = 2\n");
  EXPECT_EQ(processes_[0].terms, 0);
  user.lease.end();
  pass(seconds(2));
  EXPECT_EQ(processes_[0].terms, 1);
}

TEST_F(PoolTest, AModelThatIsTakenOutOfTheSettings) {
  const auto waiting = visit("a");
  const auto empty = config::load("", "test.toml", config::Environment());
  pool_.apply(*empty);
  turn();
  EXPECT_EQ(waiting.state(), State::refused);
  EXPECT_EQ(processes_[0].terms, 1);
  const auto later = visit("a");
  EXPECT_EQ(later.state(), State::refused);
  exit(processes_[0]);
  pool_.apply(*empty);
  EXPECT_TRUE(pool_.view().engines.empty());
}

TEST_F(PoolTest, TheEndWaitsForAllProcesses) {
  bring("a");
  const auto b = visit("b");
  bool closed = false;
  pool_.close([&] { closed = true; });
  EXPECT_EQ(b.state(), State::refused);
  EXPECT_FALSE(closed);
  exit(processes_[0]);
  EXPECT_FALSE(closed);
  exit(processes_[1]);
  EXPECT_TRUE(closed);
}

TEST_F(PoolTest, AModelsOwnIdleTimeCountsBeforeThePools) {
  configure("memory_limit = \"10GiB\"\nidle_unload_seconds = 5\n", "idle_unload_seconds = 20\n");
  bring("a");
  pass(seconds(15));
  EXPECT_EQ(state("a"), EngineState::ready);
  pass(seconds(10));
  EXPECT_EQ(state("a"), EngineState::stopping);
}

TEST_F(PoolTest, ALoweredLimitTakesAllThatMayLeaveThoughAPinnedOneIsTooMuch) {
  configure("memory_limit = \"10GiB\"\n");
  bring("a");
  bring("b");
  auto loaded = config::load(
      "[pool]\nmemory_limit = \"1GiB\"\n"
      "[[models]]\nname = 'a'\nengine = 'command'\ncommand = ['x', '{socket}']\nmemory = '4GiB'\npinned = "
      "true\n"
      "[[models]]\nname = 'b'\nengine = 'command'\ncommand = ['x', '{socket}']\nmemory = '4GiB'\n",
      "test.toml", config::Environment());
  ASSERT_TRUE(loaded);
  pool_.apply(*loaded);
  turn();
  EXPECT_EQ(state("a"), EngineState::ready);
  EXPECT_EQ(state("b"), EngineState::stopping);
}

}  // namespace
}  // namespace punctual::pool
