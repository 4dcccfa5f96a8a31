#include "net/loop.hpp"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/task.hpp"
#include "net/loop_testing.hpp"
#include "net/wakeup.hpp"

namespace punctual::net {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// An event counter of the kernel: readable at once.
class Bell final : public Pollable {
 public:
  Bell(Loop& loop, std::function<void()> ring) : loop_(loop), ring_(std::move(ring)) {
    EXPECT_TRUE(loop_.watch(descriptor_, *this, EPOLLIN | EPOLLET));
  }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell() {
    loop_.forget(descriptor_, *this);
    ::close(descriptor_);
  }
  void on_events(std::uint32_t) override { ring_(); }

 private:
  Loop& loop_;
  std::function<void()> ring_;
  int descriptor_ = ::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
};

base::Task<> await_wakeups(base::Signals& signals, Wakeup& wakeup, Runtime& runtime, int count, int& early,
                           int& fired) {
  for (int i = 0; i < count; ++i) {
    const auto due = runtime.now() + microseconds(137) * i;
    wakeup.arm(due);
    co_await signals.wait(1);
    early += runtime.now() < due ? 1 : 0;
    ++fired;
  }
}

TEST(Loop, TimersFireOnTheRealClockAndNeverEarly) {
  const deadline::SystemClock clock;
  Loop loop(clock);
  base::Signals signals(loop.runtime().ready());
  Wakeup wakeup(loop.runtime(), signals, 1);
  int early = 0;
  int fired = 0;
  base::spawn(await_wakeups(signals, wakeup, loop.runtime(), 50, early, fired));
  EXPECT_TRUE(run_until(loop, [&] { return fired == 50; }));
  EXPECT_EQ(early, 0);
}

TEST(Loop, SleepsUntilTheTimerInsteadOfSpinning) {
  const deadline::SystemClock clock;
  Loop loop(clock);
  bool fired = false;
  deadline::Timer timer([](void* flag) { *static_cast<bool*>(flag) = true; }, &fired);
  deadline::Timer never([](void*) {}, nullptr);
  loop.runtime().wheel().arm(timer, loop.runtime().now() + milliseconds(30));
  loop.runtime().wheel().arm(never, deadline::Instant::max());
  int rounds = 0;
  EXPECT_TRUE(run_until(loop, [&] {
    ++rounds;
    return fired;
  }));
  EXPECT_LT(rounds, 20);
}

TEST(Loop, RunsWhatAnotherThreadPosts) {
  const deadline::SystemClock clock;
  Loop loop(clock);
  std::vector<int> order;
  std::thread::id ran_on;
  std::jthread other([&] {
    for (int i = 0; i < 1000; ++i)
      loop.post([&order, i] { order.push_back(i); });
    loop.post([&] { ran_on = std::this_thread::get_id(); });
    loop.stop();
  });
  loop.run();
  ASSERT_EQ(order.size(), 1000U);
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(Loop, PostedWorkMayPostAndStop) {
  const deadline::SystemClock clock;
  Loop loop(clock);
  int depth = 0;
  std::function<void()> again = [&] {
    if (++depth == 10) {
      loop.stop();
    } else {
      loop.post(again);
    }
  };
  loop.post(again);
  loop.run();
  EXPECT_EQ(depth, 10);
}

TEST(Loop, StopBeforeRunIsNotLostAndRunMayFollowAgain) {
  const deadline::SystemClock clock;
  Loop loop(clock);
  loop.stop();
  loop.run();
  bool ran = false;
  loop.post([&] {
    ran = true;
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(Loop, WorkLeftBehindIsDestroyedWithTheLoop) {
  const deadline::SystemClock clock;
  const auto held = std::make_shared<int>(0);
  {
    Loop loop(clock);
    loop.post([held] { ++*held; });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 0);
}

TEST(Loop, ForgottenWithinABatchHearsNothingMore) {
  const deadline::SystemClock clock;
  Loop loop(clock);
  int rung = 0;
  std::array<std::unique_ptr<Bell>, 5> bells;
  for (auto& bell : bells) {
    bell = std::make_unique<Bell>(loop, [&bells, &rung, &bell] {
      ++rung;
      for (auto& other : bells) {
        if (&other != &bell) other.reset();
      }
    });
  }
  EXPECT_TRUE(run_until(loop, [&] { return rung > 0; }));
  loop.post([] {});
  loop.run_once();
  EXPECT_EQ(rung, 1);
}

base::Task<> echo(base::Signals& mine, base::Signals& others, const bool& stop) {
  while (!stop) {
    co_await mine.wait(1);
    others.raise(1);
  }
}

TEST(Loop, BusyCoroutinesDoNotHoldUpTimers) {
  const deadline::SystemClock clock;
  Loop loop(clock);
  base::Signals ping(loop.runtime().ready());
  base::Signals pong(loop.runtime().ready());
  bool stop = false;
  base::spawn(echo(ping, pong, stop));
  base::spawn(echo(pong, ping, stop));
  bool fired = false;
  deadline::Timer timer([](void* flag) { *static_cast<bool*>(flag) = true; }, &fired);
  loop.runtime().wheel().arm(timer, loop.runtime().now() + milliseconds(2));
  ping.raise(1);
  EXPECT_TRUE(run_until(loop, [&] { return fired; }));
  stop = true;
  ping.raise(1);
  pong.raise(1);
  loop.runtime().ready().run();
}

TEST(Loop, WatchingWhatIsNoDescriptorFails) {
  const deadline::SystemClock clock;
  Loop loop(clock);
  struct Silent final : Pollable {
    void on_events(std::uint32_t) override {}
  } silent;
  EXPECT_FALSE(loop.watch(-1, silent, EPOLLIN));
}

}  // namespace
}  // namespace punctual::net
