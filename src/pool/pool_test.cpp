#include "pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "config/environment.hpp"
#include "config/loader.hpp"
#include "deadline/clock.hpp"

namespace punctual::pool {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using State = LoadWaiter::State;

// Processes that start, live and end as the test says.
struct FakeProcess {
  std::string model;
  std::function<void(std::string)> on_exit;
  std::uint64_t life = 0;
  int terms = 0;
  int kills = 0;
  bool there = true;
};

class FakeLaunched final : public Launched {
 public:
  explicit FakeLaunched(FakeProcess& process) : process_(process) {}
  ~FakeLaunched() override { process_.there = false; }
  int pid() const override { return 4711; }
  void terminate() override { ++process_.terms; }
  void kill() override { ++process_.kills; }
  std::uint64_t signs_of_life() const override { return process_.life; }
  std::uint64_t memory_bytes() const override { return 0; }
  std::vector<std::string> last_lines() const override { return {"loading...", "out of luck"}; }

 private:
  FakeProcess& process_;
};

class PoolTest : public testing::Test, private Launcher, private Prober {
 protected:
  PoolTest() { configure("memory_limit = \"10GiB\"\n"); }

  void configure(const std::string& pool, const std::string& more = {}) {
    std::string text = "[pool]\n" + pool;
    for (const auto* name : {"a", "b", "c"})
      text += std::string("[[models]]\nname = \"") + name +
              "\"\nengine = \"command\"\ncommand = [\"x\", \"{socket}\"]\nmemory = \"4GiB\"\n" + more;
    auto loaded = config::load(text, "test.toml", config::Environment());
    ASSERT_TRUE(loaded) << loaded.error().front().text();
    pool_.apply(*loaded);
    turn();
  }

  // Everything that is due, until nothing is.
  void turn() {
    while (!posted_.empty()) {
      auto work = std::move(posted_.front());
      posted_.pop_front();
      work();
    }
  }
  void pass(deadline::Duration time) {
    const auto end = clock_.now() + time;
    while (clock_.now() < end) {
      clock_.advance_to(std::min<deadline::Instant>(clock_.now() + milliseconds(10), end));
      runtime_.wheel().advance(clock_.now());
      turn();
    }
  }
  void exit(FakeProcess& process, const std::string& how = "exit code 0") {
    process.on_exit(how);
    turn();
  }

  // Asks for a model. What it gets is kept.
  struct Visit {
    std::shared_ptr<Engine> engine;
    std::shared_ptr<LoadWaiter> waiter;
    Lease lease;
    State state() const { return waiter ? waiter->state() : State::ready; }
  };
  Visit visit(const std::string& model) {
    Visit visit{pool_.find(model), nullptr, {}};
    visit.lease = Lease::try_take(visit.engine, clock_);
    if (visit.lease) return visit;
    visit.waiter = pool_.join(visit.engine, [this] { ++woken_; });
    turn();
    take(visit);
    return visit;
  }
  void take(Visit& visit) {
    if (!visit.lease && visit.waiter->state() == State::ready) visit.lease = {visit.engine, clock_};
  }
  // A model that is ready and that nobody uses.
  void bring(const std::string& model) {
    auto visit = this->visit(model);
    ready_.insert(model);
    pass(milliseconds(100));
    take(visit);
    ASSERT_TRUE(visit.lease) << model;
  }
  EngineState state(const std::string& model) { return pool_.find(model)->state; }
  EngineView view(const std::string& model) {
    for (const auto& engine : pool_.view().engines) {
      if (engine.name == model) return engine;
    }
    return {};
  }

  deadline::ManualClock clock_;
  net::Runtime runtime_{clock_};
  std::deque<Pool::Work> posted_;
  std::deque<FakeProcess> processes_;
  std::set<std::string> ready_;
  std::string cannot_start_;
  int woken_ = 0;
  Pool pool_{{runtime_, [this](Pool::Work work) { posted_.push_back(std::move(work)); }, *this, *this,
              [] { return std::uint64_t{64} << 30; }, memory_need}};

 private:
  std::expected<std::unique_ptr<Launched>, std::string> start(
      const config::LocalModel& model, std::function<void(std::string)> on_exit) override {
    if (!cannot_start_.empty()) return std::unexpected(cannot_start_);
    auto& process = processes_.emplace_back();
    process.model = model.name;
    process.on_exit = std::move(on_exit);
    return std::make_unique<FakeLaunched>(processes_.back());
  }
  void ready(std::shared_ptr<const config::LocalModel> model, std::function<void(bool)> done) override {
    done(ready_.contains(model->name));
  }
};

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

}  // namespace
}  // namespace punctual::pool
