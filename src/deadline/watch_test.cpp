#include "deadline/watch.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/task.hpp"

namespace punctual::deadline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Watches : public ::testing::Test, protected WatchHooks {
 protected:
  bool client_gone() override { return gone; }
  void heartbeat(Instant now) override {
    heartbeats.push_back(now);
    if (next_heartbeat) watch.set_heartbeat(now + *next_heartbeat);
  }

  static Limits with(Phase phase, Duration duration) {
    Limits limits;
    limits[phase] = {duration, {SourceKind::file, "timeouts"}};
    return limits;
  }

  // What a waiting coroutine would have been given.
  base::Signals::Mask advance(Duration by) {
    clock.advance(by);
    wheel.advance(clock.now());
    return watch.signals().take(bits::interrupts);
  }
  std::optional<Interruption> after(Duration by) {
    const auto raised = advance(by);
    return watch.interrupted(raised);
  }

  ManualClock clock;
  Wheel wheel{clock.now()};
  base::ReadyQueue ready;
  Watch watch{clock, wheel, ready, *this};
  std::vector<Instant> heartbeats;
  std::optional<Duration> next_heartbeat;
  bool gone = false;
};

TEST_F(Watches, WithoutAClockNothingInterruptsAndNoTimerIsArmed) {
  watch.begin({});
  watch.start(Phase::total);
  EXPECT_EQ(wheel.next(), std::nullopt);
  EXPECT_EQ(after(std::chrono::hours(24)), std::nullopt);
}

TEST_F(Watches, SaysWhichClockRanOutAndWhenItWasNoticed) {
  watch.begin(with(Phase::connect, seconds(10)));
  const auto started = clock.now();
  watch.start(Phase::total);
  watch.start(Phase::connect);
  EXPECT_EQ(after(seconds(11)), Interruption::expired);
  EXPECT_EQ(watch.expiry().phase, Phase::connect);
  EXPECT_EQ(watch.expiry().at, started + seconds(10));
  EXPECT_EQ(watch.expiry().limit.source.name, "timeouts");
  EXPECT_EQ(watch.interrupted_at(), started + seconds(11));
}

TEST_F(Watches, IsNeverEarly) {
  watch.begin(with(Phase::total, seconds(10)));
  watch.start(Phase::total);
  EXPECT_EQ(after(seconds(10) - Duration(1)), std::nullopt);
  EXPECT_EQ(watch.interrupted(bits::timer), std::nullopt);
  EXPECT_EQ(after(milliseconds(1)), Interruption::expired);
}

TEST_F(Watches, TheClientsLeavingComesFirst) {
  watch.begin(with(Phase::total, seconds(1)));
  watch.start(Phase::total);
  gone = true;
  const auto raised = advance(seconds(2));
  EXPECT_EQ(watch.interrupted(raised | bits::stop | bits::client_readable), Interruption::client_gone);
}

TEST_F(Watches, AStopComesBeforeAnExpiry) {
  watch.begin(with(Phase::total, seconds(1)));
  watch.start(Phase::total);
  const auto raised = advance(seconds(2));
  EXPECT_EQ(watch.interrupted(raised | bits::stop | bits::client_readable), Interruption::stopped);
}

TEST_F(Watches, AClientThatSendsAheadInterruptsNothing) {
  watch.begin({});
  EXPECT_EQ(watch.interrupted(bits::client_readable), std::nullopt);
}

TEST_F(Watches, TheClientIsAskedForOnlyWhenItsStreamSaysSo) {
  watch.begin({});
  gone = true;
  EXPECT_EQ(watch.interrupted(bits::timer | bits::upstream_readable), std::nullopt);
}

TEST_F(Watches, OnceInterruptedAlwaysInterruptedForTheFirstReason) {
  watch.begin(with(Phase::total, seconds(1)));
  watch.start(Phase::total);
  EXPECT_EQ(watch.interrupted(bits::stop), Interruption::stopped);
  EXPECT_EQ(after(seconds(2)), Interruption::stopped);
  EXPECT_EQ(watch.interrupted(0), Interruption::stopped);
  EXPECT_EQ(watch.interruption(), Interruption::stopped);
}

TEST_F(Watches, BeginForgetsTheLastRequest) {
  watch.begin(with(Phase::total, seconds(1)));
  watch.start(Phase::total);
  watch.set_heartbeat(clock.now() + seconds(1));
  EXPECT_EQ(after(seconds(2)), Interruption::expired);
  watch.signals().raise(bits::stop | bits::timer);
  watch.begin(with(Phase::total, seconds(1)));
  EXPECT_EQ(watch.interruption(), std::nullopt);
  EXPECT_EQ(after(seconds(5)), std::nullopt);
  EXPECT_TRUE(heartbeats.empty());
}

TEST_F(Watches, BeginKeepsWhatTheStreamsHaveSaid) {
  watch.begin({});
  watch.signals().raise(bits::client_readable);
  watch.begin({});
  EXPECT_EQ(watch.signals().take(bits::client_readable), bits::client_readable);
}

TEST_F(Watches, AClockThatEndsLaterDoesNotTouchTheTimer) {
  Limits limits = with(Phase::connect, seconds(10));
  limits[Phase::total] = {seconds(900), {}};
  watch.begin(limits);
  watch.start(Phase::connect);
  const auto armed = wheel.next();
  watch.start(Phase::total);
  watch.stop(Phase::connect);
  watch.set_heartbeat(clock.now() + seconds(20));
  EXPECT_EQ(wheel.next(), armed);
}

TEST_F(Watches, AClockThatEndsEarlierArmsTheTimerAnew) {
  Limits limits = with(Phase::connect, seconds(1));
  limits[Phase::total] = {seconds(900), {}};
  watch.begin(limits);
  watch.start(Phase::total);
  watch.start(Phase::connect);
  EXPECT_EQ(after(milliseconds(1001)), Interruption::expired);
  EXPECT_EQ(watch.expiry().phase, Phase::connect);
}

TEST_F(Watches, ATimerThatComesTooSoonIsArmedForTheRest) {
  watch.begin(with(Phase::idle, seconds(10)));
  watch.start(Phase::idle);
  ASSERT_EQ(after(seconds(9)), std::nullopt);
  watch.restart(Phase::idle, clock.now());
  EXPECT_EQ(after(seconds(9)), std::nullopt);
  EXPECT_EQ(after(seconds(1) - Duration(1)), std::nullopt);
  EXPECT_EQ(after(milliseconds(1)), Interruption::expired);
}

TEST_F(Watches, AClockThatWasStoppedFiresNoMore) {
  watch.begin(with(Phase::first_token, seconds(1)));
  watch.start(Phase::first_token);
  watch.stop(Phase::first_token);
  EXPECT_EQ(after(seconds(5)), std::nullopt);
}

TEST_F(Watches, AskForAHeartbeatAtItsTime) {
  watch.begin({});
  watch.set_heartbeat(clock.now() + seconds(15));
  EXPECT_EQ(after(seconds(14)), std::nullopt);
  EXPECT_TRUE(heartbeats.empty());
  EXPECT_EQ(after(milliseconds(1001)), std::nullopt);
  EXPECT_EQ(heartbeats, std::vector{clock.now()});
  EXPECT_EQ(after(seconds(60)), std::nullopt);
  EXPECT_EQ(heartbeats.size(), 1U);
}

TEST_F(Watches, TheHookMaySetTheNextHeartbeat) {
  watch.begin({});
  next_heartbeat = seconds(15);
  watch.set_heartbeat(clock.now() + seconds(15));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(after(milliseconds(15001)), std::nullopt);
  EXPECT_EQ(heartbeats.size(), 3U);
}

TEST_F(Watches, ACancelledHeartbeatDoesNotCome) {
  watch.begin({});
  watch.set_heartbeat(clock.now() + seconds(15));
  watch.cancel_heartbeat();
  EXPECT_EQ(after(seconds(20)), std::nullopt);
  EXPECT_TRUE(heartbeats.empty());
}

TEST_F(Watches, NoHeartbeatForARequestThatHasExpired) {
  watch.begin(with(Phase::total, seconds(15)));
  watch.start(Phase::total);
  watch.set_heartbeat(clock.now() + seconds(15));
  EXPECT_EQ(after(seconds(16)), Interruption::expired);
  EXPECT_TRUE(heartbeats.empty());
}

TEST_F(Watches, RecoverTakesAnExpiryBackAndStopsTheClocksOfTheCall) {
  Limits limits = with(Phase::attempt, seconds(5));
  for (const Phase phase : {Phase::connect, Phase::first_token, Phase::idle})
    limits[phase] = {seconds(5), {}};
  limits[Phase::total] = {seconds(60), {}};
  watch.begin(limits);
  for (const Phase phase : {Phase::total, Phase::connect, Phase::first_token, Phase::idle, Phase::attempt})
    watch.start(phase);
  ASSERT_EQ(after(seconds(6)), Interruption::expired);
  watch.recover();
  EXPECT_EQ(watch.interruption(), std::nullopt);
  EXPECT_EQ(after(seconds(53)), std::nullopt);
  EXPECT_EQ(after(seconds(2)), Interruption::expired);
  EXPECT_EQ(watch.expiry().phase, Phase::total);
}

TEST_F(Watches, RecoverGivesNoNewBudget) {
  watch.begin(with(Phase::total, seconds(5)));
  watch.start(Phase::total);
  ASSERT_EQ(after(seconds(6)), Interruption::expired);
  watch.recover();
  EXPECT_EQ(after(milliseconds(1)), Interruption::expired);
}

TEST_F(Watches, ALimitThatIsLearntLateCountsFromTheStart) {
  watch.begin({});
  watch.start(Phase::total);
  ASSERT_EQ(after(seconds(3)), std::nullopt);
  watch.set_limits(with(Phase::total, seconds(5)));
  EXPECT_EQ(after(seconds(1)), std::nullopt);
  EXPECT_EQ(after(milliseconds(1001)), Interruption::expired);
}

TEST_F(Watches, ALimitThatIsAlreadyOverFiresAtOnce) {
  watch.begin({});
  watch.start(Phase::total);
  ASSERT_EQ(after(seconds(10)), std::nullopt);
  watch.set_limits(with(Phase::total, seconds(5)));
  EXPECT_EQ(after(milliseconds(1)), Interruption::expired);
}

TEST_F(Watches, WiderLimitsMoveTheEnd) {
  watch.begin(with(Phase::total, seconds(5)));
  watch.start(Phase::total);
  watch.set_limits(with(Phase::total, seconds(9)));
  EXPECT_EQ(after(seconds(6)), std::nullopt);
  EXPECT_EQ(after(milliseconds(3001)), Interruption::expired);
}

base::Task<void> wait_once(Watch& watch, base::Signals::Mask wanted, base::Signals::Mask& raised) {
  const auto found = co_await watch.wait(wanted);
  raised = found;
}

TEST_F(Watches, AWaitEndsForWhatInterruptsTooAndForNothingElse) {
  watch.begin({});
  base::Signals::Mask raised = 0;
  base::spawn(wait_once(watch, bits::connected, raised));
  watch.signals().raise(bits::upstream_readable);
  ready.run();
  EXPECT_EQ(raised, 0U);
  watch.signals().raise(bits::stop);
  ready.run();
  EXPECT_EQ(raised, bits::stop);
}

}  // namespace
}  // namespace punctual::deadline
