// A target's slots and the queue before them, under the `queue` limit.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"

namespace punctual::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view narrow = R"(
[[providers]]
name = "alpha"
kind = "openai"
base_url = "http://alpha/v1"
in_flight_max = 1
waiting_max = 2
[[providers]]
name = "beta"
kind = "openai"
base_url = "http://beta/v1"
)";

class Queue : public testing::TestWithParam<bool> {
 protected:
  void make(const std::string& settings = {}) {
    world = std::make_unique<World>(World::Options{.settings = settings, .providers = std::string(narrow)});
  }
  std::unique_ptr<Client> ask(const std::string& model, const std::string& headers = {}) {
    Asking asking;
    asking.stream = GetParam();
    asking.model = model;
    asking.headers = headers;
    auto client = std::make_unique<Client>(*world);
    client->send(asking.text());
    world->run();
    return client;
  }
  std::uint64_t started() { return world->host("alpha").counters.started(); }

  std::unique_ptr<World> world;
  const std::string slow = "alpha/sim:tokens=4,itl_ms=1000,ttft_ms=1000";
};

TEST_P(Queue, OneAfterTheOther) {
  make();
  const auto first = ask(slow);
  const auto second = ask(slow);
  EXPECT_EQ(started(), 1u);
  world->run_for(milliseconds(5500));
  EXPECT_EQ(started(), 2u);
  EXPECT_EQ(last_answer(*first).text(), "tok1 tok2 tok3 tok4");
  world->run_for(milliseconds(5500));
  EXPECT_EQ(last_answer(*second).text(), "tok1 tok2 tok3 tok4");
  EXPECT_GT(world->records().back().number("queue_ms"), 3000);
  expect_quiet(*world);
}

TEST_P(Queue, TheEarliestDeadlineFirst) {
  make();
  const auto first = ask(slow);
  const auto late = ask(slow, "X-Request-Timeout: 300\r\n");
  const auto early = ask(slow, "X-Request-Timeout: 100\r\n");
  world->run_for(seconds(11));
  EXPECT_EQ(last_answer(*early).text(), "tok1 tok2 tok3 tok4");
  EXPECT_FALSE(last_answer(*late).complete);
  world->run_for(seconds(10));
  EXPECT_EQ(last_answer(*late).text(), "tok1 tok2 tok3 tok4");
}

TEST_P(Queue, IsBounded) {
  make();
  const auto first = ask(slow);
  const auto second = ask(slow);
  const auto third = ask(slow);
  const auto fourth = ask(slow);
  const auto refused = last_answer(*fourth);
  EXPECT_EQ(refused.status, 503);
  EXPECT_FALSE(refused.header("retry-after").empty());
  EXPECT_FALSE(refused.header("retry-after-ms").empty());
  EXPECT_EQ(world->records().back().attempts()[0].text("outcome"), "busy");
  EXPECT_EQ(world->metrics().queue_refusals.value(), 1u);
  EXPECT_EQ(started(), 1u);
}

TEST_P(Queue, ItsLimitIsItsOwn) {
  make("[timeouts]\nqueue_seconds = 2\n");
  const auto first = ask("alpha/sim:never");
  const auto second = ask("alpha/sim:never");
  world->run_for(seconds(2) + tick);
  const auto answer = last_answer(*second);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.json().at("limit").as_string(), "queue");
  EXPECT_EQ(started(), 1u) << "never dispatched";
  EXPECT_EQ(world->records().back().text("outcome"), "timeout");
}

TEST_P(Queue, WhoLeavesIsNeverDispatched) {
  make();
  const auto first = ask(slow);
  const auto second = ask(slow);
  const auto third = ask(slow);
  second->hang_up();
  world->run_for(seconds(12));
  EXPECT_EQ(started(), 2u);
  EXPECT_EQ(last_answer(*third).text(), "tok1 tok2 tok3 tok4");
  EXPECT_EQ(world->core().target_of("alpha", "sim:tokens=4,itl_ms=1000,ttft_ms=1000").slots->waiting(), 0u);
  expect_quiet(*world);
}

TEST_P(Queue, TheDeadlineCountsWhileWaiting) {
  make();
  const auto first = ask("alpha/sim:never");
  const auto second = ask("alpha/sim:never", "X-Request-Timeout: 3\r\n");
  world->run_for(seconds(3) + tick);
  const auto answer = last_answer(*second);
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.json().at("limit").as_string(), "total");
  EXPECT_EQ(started(), 1u);
}

TEST_P(Queue, WhatCannotBeInTimeIsRefusedAtOnce) {
  make();
  const auto known = ask(slow);
  world->run_for(milliseconds(5500));
  EXPECT_EQ(last_answer(*known).status, 200);
  const auto first = ask(slow);
  const auto second = ask(slow, "X-Request-Timeout: 3\r\n");
  const auto answer = last_answer(*second);
  EXPECT_EQ(answer.status, 503);
  const auto hint = std::stod(std::string(answer.header("retry-after-ms"))) / 1000;
  EXPECT_NEAR(hint, 4.5, 0.6) << "as long as the one before usually takes";
  EXPECT_EQ(started(), 2u);
}

TEST_P(Queue, AnotherTargetIsTriedWhenItIsFull) {
  make(rule_of({"alpha/sim:never", "beta/sim:tokens=3"}));
  const auto first = ask("ruled");
  const auto second = ask("ruled");
  const auto third = ask("ruled");
  const auto fourth = ask("ruled");
  EXPECT_EQ(last_answer(*fourth).text(), "tok1 tok2 tok3");
}

TEST_P(Queue, AStreamGetsHeartbeatsWhileItWaits) {
  if (!GetParam()) GTEST_SKIP() << "for streams";
  make();
  const auto first = ask("alpha/sim:never");
  const auto second = ask("alpha/sim:never");
  world->run_for(seconds(16));
  EXPECT_NE(second->raw().find(": keep-alive"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Modes, Queue, testing::Bool(),
                         [](const auto& info) { return std::string(info.param ? "stream" : "whole"); });

}  // namespace
}  // namespace punctual::simulation
