#include "deadline/deadline.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace punctual::deadline {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant start{hours(1)};

Limits limits_of(std::initializer_list<std::pair<Phase, Duration>> pairs) {
  Limits limits;
  for (const auto& [phase, duration] : pairs)
    limits[phase] = {duration, {SourceKind::file, name_of(phase)}};
  return limits;
}

TEST(Deadline, HasNoEndWhileNoClockRuns) {
  const Deadline none;
  EXPECT_EQ(none.earliest().at, Instant::max());
  EXPECT_FALSE(none.expired(Instant::max()));
  EXPECT_FALSE(none.remaining(start));
  const Deadline waiting(limits_of({{Phase::total, seconds(1)}}));
  EXPECT_EQ(waiting.earliest().at, Instant::max());
  EXPECT_FALSE(waiting.running(Phase::total));
}

TEST(Deadline, NamesTheClockThatRunsOutFirst) {
  Deadline deadline(limits_of({{Phase::total, seconds(900)}, {Phase::connect, seconds(10)}}));
  deadline.start(Phase::total, start);
  deadline.start(Phase::connect, start + seconds(5));
  const Expiry first = deadline.earliest();
  EXPECT_EQ(first.phase, Phase::connect);
  EXPECT_EQ(first.at, start + seconds(15));
  EXPECT_EQ(first.limit.duration, seconds(10));
  EXPECT_EQ(first.limit.source.text(), "file connect");
  deadline.stop(Phase::connect);
  EXPECT_FALSE(deadline.running(Phase::connect));
  EXPECT_EQ(deadline.earliest().phase, Phase::total);
}

TEST(Deadline, ExpiresAtItsInstantAndNotBefore) {
  Deadline deadline(limits_of({{Phase::total, seconds(2)}}));
  deadline.start(Phase::total, start);
  EXPECT_FALSE(deadline.expired(start + seconds(2) - Duration(1)));
  const auto expiry = deadline.expired(start + seconds(2));
  ASSERT_TRUE(expiry);
  EXPECT_EQ(expiry->phase, Phase::total);
  EXPECT_EQ(expiry->at, start + seconds(2));
}

TEST(Deadline, RestartingMovesThePhaseLater) {
  Deadline deadline(limits_of({{Phase::idle, seconds(120)}}));
  deadline.start(Phase::idle, start);
  deadline.start(Phase::idle, start + seconds(100));
  EXPECT_EQ(deadline.earliest().at, start + seconds(220));
}

TEST(Deadline, OfTwoThatRunOutTogetherTheWiderIsNamed) {
  Deadline deadline(limits_of({{Phase::idle, seconds(5)}, {Phase::total, seconds(5)}}));
  deadline.start(Phase::idle, start);
  deadline.start(Phase::total, start);
  EXPECT_EQ(deadline.earliest().phase, Phase::total);
}

TEST(Deadline, PhaseWithoutLimitDoesNotRun) {
  Deadline deadline(limits_of({{Phase::total, seconds(5)}}));
  deadline.start(Phase::queue, start);
  EXPECT_FALSE(deadline.running(Phase::queue));
  EXPECT_EQ(deadline.earliest().at, Instant::max());
}

TEST(Deadline, NewLimitsKeepTheStarts) {
  Deadline deadline(limits_of({{Phase::total, seconds(900)}, {Phase::idle, seconds(120)}}));
  deadline.start(Phase::total, start);
  deadline.set_limits(limits_of({{Phase::total, seconds(30)}, {Phase::idle, seconds(1)}}));
  EXPECT_EQ(deadline.earliest().at, start + seconds(30));
  EXPECT_FALSE(deadline.running(Phase::idle));
}

TEST(Deadline, LimitThatArrivesAfterTheStartBoundsThePhase) {
  Deadline deadline{Limits{}};
  deadline.start(Phase::total, start);
  deadline.set_limits(limits_of({{Phase::total, seconds(30)}}));
  EXPECT_EQ(deadline.earliest().at, start + seconds(30));
  deadline.set_limits(Limits{});
  EXPECT_FALSE(deadline.running(Phase::total));
  deadline.set_limits(limits_of({{Phase::total, seconds(40)}}));
  EXPECT_EQ(deadline.earliest().at, start + seconds(40));
}

TEST(Deadline, RemainingIsOfTheWholeBudget) {
  Deadline deadline(limits_of({{Phase::total, seconds(10)}, {Phase::idle, seconds(1)}}));
  deadline.start(Phase::total, start);
  deadline.start(Phase::idle, start);
  EXPECT_EQ(deadline.remaining(start + seconds(4)), seconds(6));
  EXPECT_EQ(deadline.remaining(start + seconds(10)), Duration::zero());
  EXPECT_EQ(deadline.remaining(start + seconds(11)), Duration::zero());
}

TEST(Deadline, LimitTooLongToCountNeverRunsOut) {
  Deadline deadline(limits_of({{Phase::total, Duration::max()}}));
  deadline.start(Phase::total, start);
  EXPECT_EQ(deadline.earliest().at, Instant::max());
  EXPECT_FALSE(deadline.remaining(start));
}

RC_GTEST_PROP(Deadline, IsTheEarliestOfTheClocksThatRun, ()) {
  Limits limits;
  for (const Phase phase : all_phases) {
    if (*rc::gen::arbitrary<bool>()) limits[phase].duration = milliseconds(*rc::gen::inRange(1, 1000));
  }
  Deadline deadline(limits);
  Instant expected = Instant::max();
  Instant before = Instant::max();
  for (const Phase phase : all_phases) {
    if (!*rc::gen::arbitrary<bool>()) continue;
    const Instant at = start + milliseconds(*rc::gen::inRange(0, 1000));
    deadline.start(phase, at);
    if (limits[phase].duration) expected = std::min(expected, at + *limits[phase].duration);
    // Starting a phase can only make the deadline earlier.
    RC_ASSERT(deadline.earliest().at <= before);
    before = deadline.earliest().at;
  }
  RC_ASSERT(deadline.earliest().at == expected);
  RC_ASSERT(deadline.expired(expected).has_value() == (expected != Instant::max()));
}

}  // namespace
}  // namespace punctual::deadline
