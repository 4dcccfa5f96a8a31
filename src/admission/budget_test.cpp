#include "admission/budget.hpp"

#include <gtest/gtest.h>

namespace punctual::admission {
namespace {

using deadline::Limit;
using deadline::Phase;
using deadline::SourceKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Budgets : public ::testing::Test {
 protected:
  Budgets() { inputs.timeouts = &timeouts; }
  Limit limit(Phase phase) const { return limits_of(inputs)[phase]; }
  Limit total() const { return limit(Phase::total); }
  static api::NamedDuration named(deadline::Duration duration, std::string_view name) {
    return {duration, name};
  }

  config::Timeouts timeouts;
  deadline::LimitOverrides rule;
  deadline::LimitOverrides provider;
  BudgetInputs inputs;
};

TEST_F(Budgets, BeginWithTheEndpointsLimit) {
  EXPECT_EQ(total().duration, seconds(900));
  inputs.endpoint = config::Endpoint::embeddings;
  EXPECT_EQ(total().duration, seconds(120));
  EXPECT_EQ(total().source.text(), "default");
}

TEST_F(Budgets, GiveTheNarrowerScopeTheWord) {
  inputs.stream = true;
  inputs.rule = &rule;
  inputs.provider = &provider;
  rule.set(Phase::idle, {seconds(40), {SourceKind::rule, "rules[0]"}});
  rule.set(Phase::connect, {seconds(3), {SourceKind::rule, "rules[0]"}});
  provider.set(Phase::connect, {seconds(7), {SourceKind::provider, "local"}});
  EXPECT_EQ(limit(Phase::idle).duration, seconds(40));
  EXPECT_EQ(limit(Phase::idle).source.kind, SourceKind::rule);
  EXPECT_EQ(limit(Phase::connect).duration, seconds(7));
  EXPECT_EQ(limit(Phase::connect).source.text(), "provider local");
  EXPECT_EQ(limit(Phase::drain).duration, seconds(60));
}

TEST_F(Budgets, BoundWholeAnswersByTotalAttemptAndConnectAlone) {
  inputs.rule = &rule;
  for (const Phase phase : {Phase::first_token, Phase::idle, Phase::attempt})
    rule.set(phase, {seconds(3), {}});
  EXPECT_EQ(limit(Phase::first_token).duration, std::nullopt);
  EXPECT_EQ(limit(Phase::idle).duration, std::nullopt);
  EXPECT_EQ(limit(Phase::attempt).duration, seconds(3));
  EXPECT_EQ(limit(Phase::connect).duration, seconds(10));
}

TEST_F(Budgets, LetANarrowerScopeWidenALimit) {
  inputs.rule = &rule;
  rule.set(Phase::total, {seconds(7200), {SourceKind::rule, "rules[0]"}});
  EXPECT_EQ(total().duration, seconds(7200));
}

TEST_F(Budgets, LetTheRequestOnlyShorten) {
  inputs.request.limit = named(seconds(1000), "X-Request-Timeout");
  EXPECT_EQ(total().duration, seconds(900));
  EXPECT_EQ(total().source.kind, SourceKind::built_in);
  inputs.request.limit = named(seconds(30), "X-Request-Timeout");
  EXPECT_EQ(total().duration, seconds(30));
  EXPECT_EQ(total().source.text(), "request X-Request-Timeout");
}

TEST_F(Budgets, TakeTheShorterOfHeaderAndBody) {
  inputs.request.limit = named(seconds(30), "X-Request-Timeout");
  inputs.body_timeout = seconds(20);
  EXPECT_EQ(total().duration, seconds(20));
  EXPECT_EQ(total().source.text(), "request timeout");
  inputs.body_timeout = seconds(40);
  EXPECT_EQ(total().source.text(), "request X-Request-Timeout");
}

TEST_F(Budgets, AnswerBeforeTheClientsPatienceEnds) {
  inputs.request.patience = named(seconds(30), "Prefer: wait");
  EXPECT_EQ(total().duration, milliseconds(29400));
  EXPECT_EQ(total().source.text(), "patience Prefer: wait");
}

TEST_F(Budgets, KnowTheMarginOfEachPatience) {
  for (const auto& [patience, left] :
       {std::pair{milliseconds(200), milliseconds(100)}, std::pair{milliseconds(1000), milliseconds(750)},
        std::pair{milliseconds(50'000), milliseconds(49'000)},
        std::pair{milliseconds(600'000), milliseconds(598'000)}}) {
    inputs.request.patience = named(patience, "x-stainless-timeout");
    EXPECT_EQ(total().duration, left);
  }
}

TEST_F(Budgets, TakeThePatienceBetweenBytesAsALimitOfWholeAnswersOnly) {
  inputs.request.read_patience = named(seconds(100), "x-stainless-read-timeout");
  EXPECT_EQ(total().duration, seconds(98));
  inputs.stream = true;
  EXPECT_EQ(total().duration, seconds(900));
}

TEST_F(Budgets, BoundTheTotalEvenWhereNothingElseDoes) {
  timeouts.chat.duration.reset();
  EXPECT_EQ(total().duration, std::nullopt);
  inputs.body_timeout = seconds(5);
  EXPECT_EQ(total().duration, seconds(5));
}

class Heartbeats : public Budgets {
 protected:
  Heartbeats() { inputs.stream = true; }
};

TEST_F(Heartbeats, ComeAsTheSettingSays) {
  EXPECT_EQ(heartbeat_of(inputs), seconds(15));
}

TEST_F(Heartbeats, ComeAtHalfOfTheClientsPatience) {
  inputs.request.read_patience = named(seconds(10), "x-stainless-read-timeout");
  EXPECT_EQ(heartbeat_of(inputs), seconds(5));
  inputs.request.read_patience = named(seconds(600), "x-stainless-read-timeout");
  EXPECT_EQ(heartbeat_of(inputs), seconds(15));
}

TEST_F(Heartbeats, AreNotAFlood) {
  inputs.request.read_patience = named(deadline::Duration(1), "x-stainless-read-timeout");
  EXPECT_EQ(heartbeat_of(inputs), milliseconds(10));
}

TEST_F(Heartbeats, AreForStreamsAndCanBeTurnedOff) {
  inputs.stream = false;
  EXPECT_EQ(heartbeat_of(inputs), std::nullopt);
  inputs.stream = true;
  timeouts.heartbeat.duration.reset();
  inputs.request.read_patience = named(seconds(10), "x-stainless-read-timeout");
  EXPECT_EQ(heartbeat_of(inputs), std::nullopt);
}

}  // namespace
}  // namespace punctual::admission
