#include "deadline/wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace punctual::deadline {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration tick{std::int64_t{1} << Wheel::tick_bits};
constexpr Instant start{hours(1)};

// A timer that counts and does something when it fires.
struct Probe {
  Probe() = default;
  explicit Probe(std::function<void()> with) : action(std::move(with)) {}
  static void expire(void* self) {
    auto& probe = *static_cast<Probe*>(self);
    ++probe.fired;
    if (probe.action) probe.action();
  }
  int fired = 0;
  std::function<void()> action;
  Timer timer{&Probe::expire, this};
};

// Steps from one `next` to the next, as a loop does, until `end`; returns how many steps it took.
int step_to(Wheel& wheel, Instant end) {
  int steps = 0;
  for (auto next = wheel.next(); next && *next <= end; next = wheel.next(), ++steps)
    wheel.advance(*next);
  wheel.advance(end);
  return steps;
}

TEST(Wheel, HasNoNextWithoutTimers) {
  Wheel wheel(start);
  EXPECT_EQ(wheel.next(), std::nullopt);
  Probe probe;
  wheel.arm(probe.timer, start + seconds(1));
  EXPECT_TRUE(probe.timer.armed());
  wheel.cancel(probe.timer);
  EXPECT_FALSE(probe.timer.armed());
  EXPECT_EQ(wheel.next(), std::nullopt);
  wheel.advance(start + hours(1));
  EXPECT_EQ(probe.fired, 0);
}

TEST(Wheel, FiresOnceNeverEarlyAtMostATickLate) {
  for (const Duration after :
       {Duration(1), tick - Duration(1), tick, tick + Duration(1), Duration(milliseconds(1)),
        Duration(milliseconds(300)), Duration(seconds(30)), Duration(hours(2)), Duration(hours(24) * 100),
        Duration(hours(24) * 365 * 100)}) {
    Wheel wheel(start + Duration(12345));
    Probe probe;
    const Instant due = start + Duration(12345) + after;
    wheel.arm(probe.timer, due);
    step_to(wheel, due - Duration(1));
    EXPECT_EQ(probe.fired, 0) << after.count();
    step_to(wheel, due + tick);
    EXPECT_EQ(probe.fired, 1) << after.count();
    EXPECT_FALSE(probe.timer.armed());
    step_to(wheel, due + hours(1));
    EXPECT_EQ(probe.fired, 1);
  }
}

TEST(Wheel, PastAndPresentFireWithTheNextTick) {
  Wheel wheel(start);
  Probe past;
  Probe present;
  Probe ancient;
  wheel.arm(past.timer, start - seconds(10));
  wheel.arm(present.timer, start);
  wheel.arm(ancient.timer, Instant::min());
  EXPECT_EQ(past.fired, 0);
  ASSERT_TRUE(wheel.next());
  EXPECT_LE(*wheel.next(), start + tick);
  wheel.advance(start + tick);
  EXPECT_EQ(past.fired, 1);
  EXPECT_EQ(present.fired, 1);
  EXPECT_EQ(ancient.fired, 1);
}

TEST(Wheel, MaximumInstantIsNever) {
  Wheel wheel(start);
  Probe never;
  wheel.arm(never.timer, Instant::max());
  EXPECT_TRUE(never.timer.armed());
  ASSERT_TRUE(wheel.next());
  EXPECT_GT(*wheel.next(), start + hours(24) * 365 * 10);
  wheel.advance(start + hours(24) * 365 * 100);
  EXPECT_EQ(never.fired, 0);
  wheel.arm(never.timer, start + hours(24) * 365 * 101);
  step_to(wheel, start + hours(24) * 365 * 102);
  EXPECT_EQ(never.fired, 1);
}

TEST(Wheel, FiresInOneAdvanceOverALongGap) {
  Wheel wheel(start);
  std::vector<std::unique_ptr<Probe>> probes;
  for (int i = 0; i < 500; ++i) {
    probes.push_back(std::make_unique<Probe>());
    wheel.arm(probes.back()->timer, start + milliseconds(1) * i * i * i);
  }
  wheel.advance(start + hours(24) * 365);
  for (const auto& probe : probes)
    EXPECT_EQ(probe->fired, 1);
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST(Wheel, FiresInTheOrderOfTheTicks) {
  Wheel wheel(start);
  std::vector<int> order;
  std::vector<std::unique_ptr<Probe>> probes;
  for (int i : {7, 2, 9, 1, 5}) {
    probes.push_back(std::make_unique<Probe>([&order, i] { order.push_back(i); }));
    wheel.arm(probes.back()->timer, start + seconds(i));
  }
  wheel.advance(start + seconds(60));
  EXPECT_EQ(order, (std::vector{1, 2, 5, 7, 9}));
}

TEST(Wheel, LaterIsLazyAndEarlierIsAtOnce) {
  Wheel wheel(start);
  Probe probe;
  wheel.arm(probe.timer, start + seconds(10));
  for (int i = 0; i < 1000; ++i)
    wheel.arm(probe.timer, start + seconds(10) + milliseconds(i));
  EXPECT_LE(*wheel.next(), start + seconds(10) + tick);
  step_to(wheel, start + milliseconds(10'998));
  EXPECT_EQ(probe.fired, 0);
  wheel.arm(probe.timer, start + hours(1));
  wheel.arm(probe.timer, start + seconds(11));
  step_to(wheel, start + seconds(11) + tick);
  EXPECT_EQ(probe.fired, 1);
}

TEST(Wheel, LaterThenCancelledThenArmedIsArmedForTheLast) {
  Wheel wheel(start);
  Probe probe;
  wheel.arm(probe.timer, start + seconds(1));
  wheel.arm(probe.timer, start + seconds(100));
  wheel.cancel(probe.timer);
  wheel.arm(probe.timer, start + seconds(50));
  step_to(wheel, start + seconds(49));
  EXPECT_EQ(probe.fired, 0);
  step_to(wheel, start + seconds(50) + tick);
  EXPECT_EQ(probe.fired, 1);
}

TEST(Wheel, CallbackMayCancelAnotherOfItsSlot) {
  Wheel wheel(start);
  Probe second;
  Probe first([&] { wheel.cancel(second.timer); });
  wheel.arm(first.timer, start + seconds(1));
  wheel.arm(second.timer, start + seconds(1));
  wheel.advance(start + seconds(2));
  EXPECT_EQ(first.fired, 1);
  EXPECT_EQ(second.fired, 0);
}

TEST(Wheel, CallbackMayMoveAnotherOfItsSlot) {
  Wheel wheel(start);
  Probe second;
  Probe third;
  Probe first([&] {
    wheel.arm(second.timer, start + seconds(5));
    wheel.arm(third.timer, start);
  });
  for (auto* probe : {&first, &second, &third})
    wheel.arm(probe->timer, start + seconds(1));
  step_to(wheel, start + seconds(1) + tick);
  EXPECT_EQ(first.fired, 1);
  EXPECT_EQ(second.fired, 0);
  step_to(wheel, start + seconds(4));
  EXPECT_EQ(third.fired, 1);
  EXPECT_EQ(second.fired, 0);
  step_to(wheel, start + seconds(5) + tick);
  EXPECT_EQ(second.fired, 1);
}

TEST(Wheel, CallbackMayDestroyItselfAndOthers) {
  Wheel wheel(start);
  int fired = 0;
  std::vector<std::unique_ptr<Probe>> probes;
  for (int i = 0; i < 3; ++i)
    probes.push_back(std::make_unique<Probe>());
  probes[0]->action = [&] {
    ++fired;
    probes.clear();
  };
  for (auto& probe : probes)
    wheel.arm(probe->timer, start + seconds(1));
  wheel.advance(start + seconds(2));
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST(Wheel, CallbackMayArmItsOwnTimerAgain) {
  Wheel wheel(start);
  Instant due = start;
  Probe probe;
  probe.action = [&] {
    EXPECT_FALSE(probe.timer.armed());
    due += milliseconds(10);
    wheel.arm(probe.timer, due);
  };
  wheel.arm(probe.timer, due);
  step_to(wheel, start + seconds(1));
  EXPECT_GE(probe.fired, 99);
  EXPECT_LE(probe.fired, 101);
}

TEST(Wheel, ArmedAgainForNowFiresInALaterTick) {
  Wheel wheel(start);
  const Instant now = start + seconds(1);
  Probe probe;
  probe.action = [&] { wheel.arm(probe.timer, now); };
  wheel.arm(probe.timer, now);
  wheel.advance(now + Duration(1));
  EXPECT_LE(probe.fired, 1);
  EXPECT_TRUE(probe.timer.armed());
}

TEST(Wheel, TimersMayOutliveTheWheelDisarmed) {
  Probe probe;
  {
    Wheel wheel(start);
    wheel.arm(probe.timer, start + seconds(1));
  }
  EXPECT_FALSE(probe.timer.armed());
}

// The wheel against a list that is searched: whatever is armed, moved and cancelled, each timer fires when
// the model says, never early, and `next` never sleeps past an expiry.
class WheelModel {
 public:
  explicit WheelModel(std::uint64_t seed)
      : random_(seed), now_(start + Duration(pick(1'000'000'000))), wheel_(now_) {
    for (std::size_t i = 0; i < count; ++i)
      entries_.push_back(std::make_unique<Entry>(*this));
  }

  void run(int operations) {
    for (int i = 0; i < operations && !::testing::Test::HasFailure(); ++i) {
      switch (pick(8)) {
        case 0:
          wheel_.cancel(entry().timer);
          last_->due.reset();
          break;
        case 1:
          step_by(horizon());
          break;
        case 2:
          leap_by(horizon());
          break;
        case 3:
          move(entry(), pick(2) == 0 ? 1 : -1);
          break;
        default:
          arm(entry(), now_ + horizon());
      }
      check();
    }
  }

 private:
  struct Entry {
    explicit Entry(WheelModel& of) : model(of) {}
    static void expire(void* self) {
      auto& entry = *static_cast<Entry*>(self);
      entry.model.fired(entry);
    }
    WheelModel& model;
    std::optional<Instant> due;
    Instant armed_at{};
    Timer timer{&Entry::expire, this};
  };
  static constexpr std::size_t count = 40;

  std::int64_t pick(std::int64_t below) {
    return std::uniform_int_distribution<std::int64_t>(0, below - 1)(random_);
  }
  Entry& entry() { return *(last_ = entries_[static_cast<std::size_t>(pick(count))].get()); }

  Duration horizon() {
    constexpr Duration horizons[] = {milliseconds(1), milliseconds(20), seconds(1),      seconds(70),
                                     hours(1),        hours(24),        hours(24) * 100, tick};
    return Duration(pick(horizons[pick(std::size(horizons))].count()));
  }

  void arm(Entry& entry, Instant due) {
    entry.due = due;
    entry.armed_at = now_;
    wheel_.arm(entry.timer, due);
  }

  void move(Entry& entry, int direction) {
    if (entry.due) arm(entry, *entry.due + direction * horizon());
  }

  void fired(Entry& entry) {
    ASSERT_TRUE(entry.due) << "fired without being armed";
    ASSERT_GE(advancing_to_, *entry.due) << "fired early";
    if (exact_) {
      ASSERT_LE(advancing_to_, std::max(*entry.due, entry.armed_at) + tick) << "fired late";
    }
    entry.due.reset();
    // Callbacks meddle with others, of their own slot too.
    if (pick(4) == 0) arm(entry, now_ + horizon());
    if (pick(8) == 0) arm(this->entry(), now_ + horizon());
    if (pick(8) == 0) {
      wheel_.cancel(this->entry().timer);
      last_->due.reset();
    }
    if (pick(16) == 0) {
      auto& replaced = entries_[static_cast<std::size_t>(pick(count))];
      replaced = std::make_unique<Entry>(*this);
    }
  }

  void advance_to(Instant to) {
    now_ = advancing_to_ = std::max(now_, to);
    wheel_.advance(now_);
  }

  void step_by(Duration by) {
    exact_ = true;
    const Instant end = now_ + by;
    for (int steps = 0; steps < 2000; ++steps) {
      const auto next = wheel_.next();
      if (!next || *next > end) break;
      advance_to(*next);
      check();
    }
    exact_ = false;
  }

  void leap_by(Duration by) { advance_to(now_ + by); }

  void check() {
    const auto next = wheel_.next();
    std::optional<Instant> first;
    for (const auto& entry : entries_) {
      ASSERT_EQ(entry->timer.armed(), entry->due.has_value());
      if (!entry->due) continue;
      ASSERT_GE(std::max(*entry->due, entry->armed_at) + tick, now_) << "not fired though due";
      if (!first || *entry->due < *first) first = entry->due;
    }
    ASSERT_EQ(next.has_value(), first.has_value());
    if (first) {
      ASSERT_LT(*next, std::max(*first, now_) + tick + tick);
    }
  }

  std::mt19937_64 random_;
  Instant now_;
  Instant advancing_to_{};
  bool exact_ = false;
  Wheel wheel_;
  std::vector<std::unique_ptr<Entry>> entries_;
  Entry* last_ = nullptr;
};

TEST(Wheel, AgreesWithANaiveModel) {
  for (std::uint64_t seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    WheelModel model(seed);
    model.run(1000);
  }
}

}  // namespace
}  // namespace punctual::deadline
