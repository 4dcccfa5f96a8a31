// Targets that fail are left alone, and what does not count against them.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"

namespace punctual::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Outcome;

class BreakerOf : public testing::TestWithParam<bool> {
 protected:
  void make(const std::string& settings) { world = std::make_unique<World>(settings); }
  // A request on a connection of its own, and its answer.
  Received ask(const std::string& model, const std::string& headers = {}) {
    Asking asking;
    asking.stream = GetParam();
    asking.model = model;
    asking.headers = headers;
    Client client(*world);
    client.send(asking.text());
    world->run();
    world->run_for(milliseconds(100));
    return last_answer(client);
  }
  targets::BreakerState state_of(const std::string& provider, const std::string& model) {
    return world->core().target_of(provider, model).breaker.view(world->now()).state;
  }

  std::unique_ptr<World> world;
};

TEST_P(BreakerOf, ATargetThatRefusesOpensAndIsTriedAgain) {
  make("");
  auto& alpha = world->host("alpha");
  alpha.usual.fate = Way::Fate::refused;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask("alpha/sim:tokens=3").status, 502);
  EXPECT_EQ(state_of("alpha", "sim:tokens=3"), targets::BreakerState::open);
  const auto connects = alpha.connects;
  const auto refused = ask("alpha/sim:tokens=3");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(alpha.connects, connects) << "left alone";
  EXPECT_FALSE(refused.header("retry-after").empty());
  EXPECT_EQ(refused.json().at("error").as_object().at("code").as_string(), "service_unavailable");
  EXPECT_EQ(world->records().back().text("outcome"), "refused");
  EXPECT_EQ(world->records().back().attempts()[0].text("outcome"), "skipped");
  EXPECT_EQ(world->metrics().breakers_opened.value(), 1u);

  alpha.usual.fate = Way::Fate::accepted;
  world->run_for(seconds(5));
  EXPECT_EQ(ask("alpha/sim:tokens=3").status, 200) << "the trial";
  EXPECT_EQ(state_of("alpha", "sim:tokens=3"), targets::BreakerState::closed);
  expect_quiet(*world);
}

TEST_P(BreakerOf, WhatBeginsWellAndBreaksOffIsNoSuccess) {
  make("");
  for (int i = 0; i < 5; ++i)
    ask("alpha/sim:tokens=9,reset_after=4");
  const auto view = world->core().target_of("alpha", "sim:tokens=9,reset_after=4").breaker.view(world->now());
  EXPECT_EQ(view.state, targets::BreakerState::open);
  EXPECT_EQ(view.window_calls, 5u);
  EXPECT_EQ(view.window_failures, 5u);
}

TEST_P(BreakerOf, OtherModelsOfTheProviderGoOn) {
  make("");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask("alpha/sim:status=503").status, 503);
  EXPECT_EQ(state_of("alpha", "sim:status=503"), targets::BreakerState::open);
  EXPECT_EQ(ask("alpha/sim:tokens=3").status, 200);
}

TEST_P(BreakerOf, TheNextTargetIsAskedAtOnce) {
  make(rule_of({"alpha/sim:tokens=9", "beta/sim:tokens=3"}));
  world->host("alpha").usual.fate = Way::Fate::refused;
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(ask("ruled").status, 200);
  EXPECT_EQ(world->metrics().fallbacks.value(), 5u);
  ASSERT_EQ(world->records().back().attempts().size(), 1u);
  EXPECT_EQ(world->records().back().attempts()[0].text("provider"), "beta");
}

TEST_P(BreakerOf, AClientsFaultNeverCounts) {
  make("");
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(ask("alpha/sim:status=400").status, 400);
  EXPECT_EQ(state_of("alpha", "sim:status=400"), targets::BreakerState::closed);
  for (int i = 0; i < 30; ++i)
    ask("alpha/sim:status=429");
  EXPECT_EQ(state_of("alpha", "sim:status=429"), targets::BreakerState::closed);
}

TEST_P(BreakerOf, AClientsOwnShortLimitNeverCounts) {
  make("");
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(ask("alpha/sim:never", "X-Request-Timeout: 0.05\r\n").status, 504);
  EXPECT_EQ(state_of("alpha", "sim:never"), targets::BreakerState::closed);
}

TEST_P(BreakerOf, AHangUpNeverCounts) {
  make("");
  for (int i = 0; i < 30; ++i) {
    Asking asking;
    asking.stream = GetParam();
    asking.model = "alpha/sim:never";
    Client client(*world);
    client.send(asking.text());
    world->run_for(milliseconds(10));
    client.hang_up();
    world->run();
  }
  EXPECT_EQ(state_of("alpha", "sim:never"), targets::BreakerState::closed);
}

TEST_P(BreakerOf, AnOperatorsLimitCounts) {
  make("[timeouts]\nchat_seconds = 0.05\n");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask("alpha/sim:never").status, 504);
  EXPECT_EQ(state_of("alpha", "sim:never"), targets::BreakerState::open);
}

TEST_P(BreakerOf, ATrialThatIsHungUpOnLeavesTheWayToTheNext) {
  make("");
  for (int i = 0; i < 5; ++i)
    ask("alpha/sim:status=503");
  world->run_for(seconds(5));
  {
    Asking asking;
    asking.model = "alpha/sim:status=503";
    Client client(*world);
    client.send(asking.head());
    world->run();
    client.hang_up();
    world->run();
  }
  EXPECT_EQ(ask("alpha/sim:status=503").status, 503);
  EXPECT_EQ(world->records().back().attempts()[0].text("outcome"), "status") << "it was asked";
}

TEST_P(BreakerOf, AnOperatorHoldsIt) {
  make("");
  EXPECT_EQ(ask("alpha/sim:tokens=3").status, 200);
  world->core().target_of("alpha", "sim:tokens=3").breaker.hold(targets::Hold::open);
  EXPECT_EQ(ask("alpha/sim:tokens=3").status, 503);
  world->core().target_of("alpha", "sim:tokens=3").breaker.hold(targets::Hold::automatic);
  EXPECT_EQ(ask("alpha/sim:tokens=3").status, 200);
}

INSTANTIATE_TEST_SUITE_P(Modes, BreakerOf, testing::Bool(),
                         [](const auto& info) { return std::string(info.param ? "stream" : "whole"); });

}  // namespace
}  // namespace punctual::simulation
