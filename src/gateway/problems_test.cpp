#include "gateway/problems.hpp"

#include <gtest/gtest.h>

namespace punctual::gateway {
namespace {

using deadline::Expiry;
using deadline::Phase;
using std::chrono::milliseconds;

Expiry expiry(Phase phase, deadline::Duration length) {
  return {phase, {length, {deadline::SourceKind::file, "timeouts.chat"}}, {}};
}

TEST(TimeoutMessages, AreThoseOfTheDesign) {
  EXPECT_EQ(timeout_message(expiry(Phase::total, milliseconds(900'000))),
            "Request timed out after 900 seconds");
  EXPECT_EQ(timeout_message(expiry(Phase::first_token, milliseconds(30'000))),
            "Request timed out: no first token after 30 seconds");
}

TEST(TimeoutMessages, WriteNumbersAsPeopleDo) {
  const auto total = [](auto length) { return timeout_message(expiry(Phase::total, length)); };
  EXPECT_EQ(total(milliseconds(500)), "Request timed out after 0.5 seconds");
  EXPECT_EQ(total(milliseconds(29'400)), "Request timed out after 29.4 seconds");
  EXPECT_EQ(total(milliseconds(1)), "Request timed out after 0.001 seconds");
  EXPECT_EQ(total(milliseconds(7'200'000)), "Request timed out after 7200 seconds");
  EXPECT_EQ(total(milliseconds(10)), "Request timed out after 0.01 seconds");
}

TEST(TimeoutMessages, NameEachPhase) {
  for (const Phase phase : deadline::all_phases) {
    if (phase == Phase::total) continue;
    EXPECT_EQ(timeout_message(expiry(phase, milliseconds(2000))),
              "Request timed out: " + std::string(deadline::missing_event(phase)) + " after 2 seconds");
  }
}

TEST(TimeoutProblems, HaveTheStatusOfTheirPhase) {
  for (const Phase phase : deadline::all_phases) {
    const int status = phase == Phase::receive ? 408 : phase == Phase::queue ? 503 : 504;
    EXPECT_EQ(timeout_problem(expiry(phase, milliseconds(1)), {}, false).status, status)
        << deadline::name_of(phase);
  }
}

TEST(TimeoutProblems, SayWhichLimitFiredAndWhoSetIt) {
  const auto problem =
      timeout_problem(expiry(Phase::idle, milliseconds(120'000)), milliseconds(130'500), true);
  ASSERT_TRUE(problem.fired);
  EXPECT_EQ(problem.fired->limit, "idle");
  EXPECT_EQ(problem.fired->limit_seconds, 120);
  EXPECT_EQ(problem.fired->limit_source, "file timeouts.chat");
  EXPECT_EQ(problem.fired->elapsed_seconds, 130.5);
  EXPECT_TRUE(problem.fired->upstream_answered);
  EXPECT_EQ(problem.slug, "timeout");
}

TEST(TimeoutProblems, AdviseAgainstARetryWhenTheBudgetIsSpent) {
  EXPECT_TRUE(timeout_problem(expiry(Phase::total, milliseconds(1)), {}, false).should_not_retry);
  EXPECT_FALSE(timeout_problem(expiry(Phase::connect, milliseconds(1)), {}, false).should_not_retry);
}

TEST(UpstreamProblems, SayWhatTheUpstreamDid) {
  const auto problem =
      upstream_problem({backend::FailureKind::unreachable, "127.0.0.1:9 refused the connection"}, false);
  EXPECT_EQ(problem.status, 502);
  EXPECT_EQ(problem.slug, "bad-gateway");
  EXPECT_EQ(problem.message, "The upstream did not answer: 127.0.0.1:9 refused the connection.");
}

TEST(UpstreamProblems, SayThatAnAnswerBrokeOff) {
  const auto problem = upstream_problem({backend::FailureKind::broken, "127.0.0.1:9 closed"}, true);
  EXPECT_EQ(problem.message, "The upstream's answer broke off: 127.0.0.1:9 closed.");
}

TEST(LeftAloneProblems, SayForHowLongOrWhy) {
  const auto one = left_alone_problem("m", 1, milliseconds(2500));
  EXPECT_EQ(one.message,
            "The only target of model 'm' failed again and again and is left alone for another 2.5 s.");
  EXPECT_EQ(one.retry_after_seconds, 2.5);
  const auto tried = left_alone_problem("m", 1, deadline::Duration::zero());
  EXPECT_EQ(tried.message,
            "The only target of model 'm' is left alone: another request is trying it, or an operator wants "
            "it so.");
  EXPECT_EQ(tried.retry_after_seconds, 1);
  const auto held = left_alone_problem("m", 2, deadline::Duration::zero());
  EXPECT_EQ(held.message,
            "All 2 targets of model 'm' are left alone: another request is trying them, or an operator wants "
            "it so.");
}

TEST(DrainingProblems, InviteToTryAgain) {
  const auto problem = draining_problem();
  EXPECT_EQ(problem.status, 503);
  EXPECT_EQ(problem.retry_after_seconds, 1);
}

}  // namespace
}  // namespace punctual::gateway
