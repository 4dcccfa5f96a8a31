// What a cancelled request held, and engines that do not let go of it.
#include <gmock/gmock.h>

#include "pool/pool.hpp"
#include "pool/pool_testing.hpp"

namespace punctual::pool {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using State = LoadWaiter::State;
using Kind = Prober::Work::Kind;

class PoolCancelTest : public PoolTest {
 protected:
  // The engine has so many requests, as it says.
  void says(std::uint32_t requests) {
    works_ = [requests](const auto&) { return Work{Kind::counted, requests}; };
  }
  void cancel(Visit& visit) {
    pool_.release_when_free(visit.engine, {.at = clock_.now(),
                                           .answering = true,
                                           .lease = std::move(visit.lease),
                                           .call = std::move(visit.call),
                                           .release = [this] { ++released_; }});
    turn();
  }

  int released_ = 0;
};

TEST_F(PoolCancelTest, TheSlotIsReleasedWhenTheEngineSaysSo) {
  bring("a");
  auto visit = this->visit("a");
  says(1);
  cancel(visit);
  pass(milliseconds(500));
  EXPECT_EQ(released_, 0);
  EXPECT_EQ(view("a").in_flight, 1u) << "what may still run counts";
  says(0);
  pass(milliseconds(20));
  EXPECT_EQ(released_, 1);
  EXPECT_EQ(view("a").in_flight, 0u);
  EXPECT_GE(*view("a").cancel_to_free, milliseconds(500));
  EXPECT_LE(*view("a").cancel_to_free, milliseconds(520));
}

TEST_F(PoolCancelTest, AnEngineWithACancelledRequestIsNotUnloaded) {
  bring("a");
  bring("b");
  auto visit = this->visit("a");
  pass(seconds(20));
  const auto other = this->visit("b");
  says(1);
  cancel(visit);
  const auto waiting = this->visit("c");
  pass(seconds(1));
  EXPECT_EQ(state("a"), EngineState::ready);
  says(0);
  pass(seconds(1));
  EXPECT_EQ(state("a"), EngineState::stopping);
}

TEST_F(PoolCancelTest, TheRequestsOfOthersAreNotTakenForIt) {
  bring("a");
  const auto other = visit("a");
  auto cancelled = visit("a");
  says(2);
  cancel(cancelled);
  pass(milliseconds(100));
  EXPECT_EQ(released_, 0);
  says(1);
  pass(milliseconds(50));
  EXPECT_EQ(released_, 1);
  EXPECT_EQ(view("a").in_flight, 1u);
}

TEST_F(PoolCancelTest, OfSeveralAsManyAreReleasedAsHaveEnded) {
  bring("a");
  auto first = visit("a");
  auto second = visit("a");
  says(2);
  cancel(first);
  cancel(second);
  says(1);
  pass(milliseconds(50));
  EXPECT_EQ(released_, 1);
  says(0);
  pass(milliseconds(50));
  EXPECT_EQ(released_, 2);
}

TEST_F(PoolCancelTest, AnEngineThatCannotBeAskedIsBelieved) {
  bring("a");
  auto visit = this->visit("a");
  works_ = [](const auto&) { return Work{Kind::unable}; };
  cancel(visit);
  EXPECT_EQ(released_, 1);
}

TEST_F(PoolCancelTest, WithoutALimitItIsBelieved) {
  configure("memory_limit = \"10GiB\"\nfree_within_seconds = 0\n");
  bring("a");
  auto visit = this->visit("a");
  says(1);
  cancel(visit);
  EXPECT_EQ(released_, 1);
}

TEST_F(PoolCancelTest, OneThatDoesNotLetGoIsStartedAnewAfterTheOthersHaveEnded) {
  bring("a");
  auto other = visit("a");
  auto cancelled = visit("a");
  says(2);
  cancel(cancelled);
  pass(milliseconds(1900));
  EXPECT_EQ(state("a"), EngineState::ready);
  pass(milliseconds(200));
  EXPECT_EQ(state("a"), EngineState::quarantined);
  const auto late = visit("a");
  pass(seconds(60));
  EXPECT_EQ(late.state(), State::waiting) << "nobody new gets it";
  EXPECT_EQ(processes_[0].terms, 0) << "another still uses it";
  other.call.end();
  other.lease.end();
  pass(milliseconds(100));
  EXPECT_EQ(state("a"), EngineState::stopping);
  EXPECT_EQ(released_, 0);
  exit(processes_[0]);
  EXPECT_EQ(released_, 1);
  ASSERT_EQ(processes_.size(), 2u);
  pass(milliseconds(100));
  EXPECT_EQ(late.state(), State::ready);
  EXPECT_EQ(view("a").quarantines, 1u);
  EXPECT_EQ(view("a").crashes, 0u);
}

TEST_F(PoolCancelTest, WhoWaitsForASlotIsNotWaitedFor) {
  bring("a");
  auto queued = visit("a");
  queued.call.end();
  auto cancelled = visit("a");
  says(1);
  cancel(cancelled);
  pass(milliseconds(500));
  EXPECT_EQ(released_, 0) << "the one that the engine has is the cancelled one";
  pass(milliseconds(2000));
  EXPECT_EQ(state("a"), EngineState::stopping);
  exit(processes_[0]);
  EXPECT_EQ(released_, 1);
  EXPECT_EQ(state("a"), EngineState::loading);
}

TEST_F(PoolCancelTest, SilenceIsNoProof) {
  bring("a");
  auto visit = this->visit("a");
  works_ = [](const auto&) { return Work{Kind::silent}; };
  cancel(visit);
  pass(milliseconds(2100));
  EXPECT_EQ(state("a"), EngineState::stopping);
  exit(processes_[0]);
  EXPECT_EQ(state("a"), EngineState::loading) << "it is loaded again though nobody waits";
}

TEST_F(PoolCancelTest, OneThatIsUnloadedMeanwhileStaysUnloaded) {
  bring("a");
  auto other = visit("a");
  auto cancelled = visit("a");
  says(2);
  cancel(cancelled);
  pass(milliseconds(2100));
  EXPECT_TRUE(pool_.unload("a"));
  other.call.end();
  other.lease.end();
  pass(milliseconds(100));
  exit(processes_[0]);
  EXPECT_EQ(state("a"), EngineState::unloaded);
}

TEST_F(PoolCancelTest, ACrashReleasesEverything) {
  bring("a");
  auto visit = this->visit("a");
  says(1);
  cancel(visit);
  exit(processes_[0], "killed by SIGSEGV");
  EXPECT_EQ(released_, 1);
  EXPECT_EQ(view("a").crashes, 1u);
}

TEST_F(PoolCancelTest, ALoadThatNobodyWaitsForMayBeFinished) {
  configure("memory_limit = \"10GiB\"\nfinish_abandoned_loads = true\n");
  const auto visit = this->visit("a");
  pool_.leave(visit.waiter);
  turn();
  EXPECT_EQ(state("a"), EngineState::loading);
  ready_.insert("a");
  pass(milliseconds(100));
  EXPECT_EQ(state("a"), EngineState::ready);
}

TEST_F(PoolCancelTest, OneThatFindsNoMemoryIsTriedOnceMoreWhenOthersHaveLeft) {
  bring("a");
  const auto visit = this->visit("b");
  processes_[1].last_line = "ggml_backend_cuda_buffer_type_alloc_buffer: CUDA error: out of memory";
  exit(processes_[1], "exit code 1");
  EXPECT_EQ(visit.state(), State::waiting);
  EXPECT_EQ(state("a"), EngineState::stopping);
  EXPECT_EQ(processes_.size(), 2u) << "not before they have left";
  exit(processes_[0]);
  ASSERT_EQ(processes_.size(), 3u);
  processes_[2].last_line = "out of memory";
  exit(processes_[2], "exit code 1");
  EXPECT_EQ(visit.state(), State::refused);
  EXPECT_THAT(visit.waiter->reason(), testing::HasSubstr("out of memory"));
}

TEST_F(PoolCancelTest, OneThatFindsNoMemoryAloneIsNotTriedAgain) {
  const auto visit = this->visit("b");
  exit(processes_[0], "killed by SIGKILL");
  EXPECT_EQ(visit.state(), State::refused);
  EXPECT_EQ(processes_.size(), 1u);
}

TEST_F(PoolCancelTest, AnotherFailureIsNoReasonForOthersToLeave) {
  bring("a");
  const auto visit = this->visit("b");
  exit(processes_[1], "exit code 1");
  EXPECT_EQ(visit.state(), State::refused);
  EXPECT_EQ(state("a"), EngineState::ready);
}

}  // namespace
}  // namespace punctual::pool
