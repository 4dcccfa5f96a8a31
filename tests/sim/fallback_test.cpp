// The next target of a rule, inside one budget: when it is tried, when not, and what the client sees of it.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"

namespace punctual::simulation {
namespace {

using deadline::Phase;
using deadline::SourceKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Outcome;

class Fallback : public testing::TestWithParam<bool> {
 protected:
  // Asks for the model "ruled", whose targets are these.
  // Streams are bounded to their first token, answers in one piece as a whole.
  static std::string call_limit(int seconds) {
    return (GetParam() ? "first_token_seconds = " : "attempt_seconds = ") + std::to_string(seconds);
  }
  void ask(const std::vector<std::string>& targets, std::string_view timeouts = {},
           std::string_view settings = {}) {
    asking.stream = GetParam();
    asking.model = "ruled";
    client.reset();  // it is part of the old world
    world = std::make_unique<World>(std::string(settings) + rule_of(targets, timeouts));
    client = std::make_unique<Client>(*world);
    started = world->now();
  }
  void send() {
    client->send(asking.text());
    world->run();
  }
  void expect_success_of_second(std::string_view first_outcome) {
    const auto answer = last_answer(*client);
    EXPECT_EQ(answer.status, 200) << client->raw();
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.text(), "tok1 tok2 tok3");
    EXPECT_FALSE(answer.error_event());
    ASSERT_EQ(world->records().size(), 1u);
    const auto& record = world->records()[0];
    EXPECT_EQ(record.text("outcome"), "success");
    EXPECT_EQ(record.text("limit"), "") << "what ran out on the way is with its attempt";
    EXPECT_EQ(record.text("detail"), "");
    ASSERT_EQ(record.attempts().size(), 2u);
    EXPECT_EQ(record.attempts()[0].text("outcome"), first_outcome);
    EXPECT_EQ(record.attempts()[0].text("provider"), "alpha");
    EXPECT_EQ(record.attempts()[1].text("outcome"), "success");
    EXPECT_EQ(record.attempts()[1].text("provider"), "beta");
    EXPECT_EQ(counted(*world, Route::chat, Outcome::success), 1u);
    EXPECT_EQ(world->metrics().fallbacks.value(), 1u);
    EXPECT_EQ(world->host("beta").counters.started(), 1u);
    expect_quiet(*world);
  }

  Asking asking;
  std::unique_ptr<World> world;
  std::unique_ptr<Client> client;
  deadline::Instant started;
};

TEST_P(Fallback, WhenTheConnectionIsRefused) {
  ask({"alpha/sim:tokens=9", "beta/sim:tokens=3"});
  world->host("alpha").usual.fate = Way::Fate::refused;
  send();
  expect_success_of_second("refused");
}

TEST_P(Fallback, WhenConnectingHangs) {
  ask({"alpha/sim:tokens=9", "beta/sim:tokens=3"});
  world->host("alpha").usual.fate = Way::Fate::hanging;
  send();
  world->run_for(seconds(10) + tick);
  EXPECT_EQ(world->host("alpha").given_up, 1u);
  expect_success_of_second("timeout");
}

TEST_P(Fallback, WhenNoFirstTokenComes) {
  ask({"alpha/sim:never", "beta/sim:tokens=3"}, call_limit(8));
  send();
  world->run_for(seconds(8) - milliseconds(1));
  EXPECT_EQ(world->network().open_requests(), 1u);
  world->run_for(milliseconds(1) + tick);
  EXPECT_EQ(world->host("alpha").counters.aborted(), 1u);
  expect_success_of_second("timeout");
}

TEST_P(Fallback, WhenTheAttemptTakesTooLong) {
  ask({"alpha/sim:never", "beta/sim:tokens=3"}, "attempt_seconds = 8");
  send();
  world->run_for(seconds(8) + tick);
  expect_success_of_second("timeout");
}

TEST_P(Fallback, WhenOnlyTheHeadComes) {
  if (!GetParam()) GTEST_SKIP() << "a document's head is its answer";
  ask({"alpha/sim:hang_after=0", "beta/sim:tokens=3"}, call_limit(8));
  send();
  world->run_for(seconds(8) + tick);
  expect_success_of_second("timeout");
}

TEST_P(Fallback, OnServerErrors) {
  for (const auto* status : {"500", "502", "503", "429"}) {
    SCOPED_TRACE(status);
    client.reset();
    ask({"alpha/sim:status=" + std::string(status), "beta/sim:tokens=3"});
    send();
    expect_success_of_second("status");
  }
}

TEST_P(Fallback, WhenTheConnectionBreaksBeforeContent) {
  for (const auto* fault : {"reset_after=0", "close_after=0", "garbage_after=0"}) {
    SCOPED_TRACE(fault);
    client.reset();
    ask({"alpha/sim:" + std::string(fault), "beta/sim:tokens=3"});
    send();
    world->run_for(milliseconds(10));
    expect_success_of_second(std::string_view(fault).starts_with("garbage") ? "garbage" : "reset");
  }
}

TEST_P(Fallback, NotOnTheClientsFault) {
  for (const auto* status : {"400", "401", "404", "422"}) {
    client.reset();
    ask({"alpha/sim:status=" + std::string(status), "beta/sim:tokens=3"});
    send();
    EXPECT_EQ(std::to_string(last_answer(*client).status), status);
    EXPECT_EQ(world->host("beta").counters.started(), 0u);
    EXPECT_EQ(counted(*world, Route::chat, Outcome::error), 1u);
    EXPECT_EQ(world->records()[0].attempts().size(), 1u);
  }
}

TEST_P(Fallback, NotBehindContent) {
  if (!GetParam()) GTEST_SKIP() << "for streams";
  for (const auto* fault : {"reset_after=2", "close_after=2", "garbage_after=2", "hang_after=2"}) {
    SCOPED_TRACE(fault);
    client.reset();
    ask({"alpha/sim:tokens=5,itl_ms=1000," + std::string(fault), "beta/sim:tokens=3"});
    send();
    world->run_for(seconds(125));
    const auto answer = last_answer(*client);
    EXPECT_EQ(answer.text(), "tok1 tok2");
    EXPECT_TRUE(answer.error_event()) << client->raw();
    EXPECT_EQ(world->host("beta").counters.started(), 0u);
    expect_quiet(*world);
  }
}

// The budget is one: what the first took is gone.
TEST_P(Fallback, WithinOneBudget) {
  ask({"alpha/sim:never", "beta/sim:never", "gamma/sim:never"}, "total_seconds = 20, " + call_limit(8),
      "[timeouts]\nheartbeat_seconds = 0\n");
  send();
  world->run_for(seconds(20) - milliseconds(1));
  EXPECT_EQ(world->host("gamma").counters.started(), 1u);
  EXPECT_TRUE(client->arrivals().empty());
  world->run_for(milliseconds(1) + tick);
  const auto answer = last_answer(*client);
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.json().at("limit").as_string(), "total");
  EXPECT_EQ(answer.json().at("detail").as_string(), "Request timed out after 20 seconds");
  const auto& record = world->records()[0];
  ASSERT_EQ(record.attempts().size(), 3u);
  EXPECT_EQ(record.text("outcome"), "timeout");
  EXPECT_EQ(counted(*world, Route::chat, Outcome::timeout), 1u);
  expect_quiet(*world);
}

TEST_P(Fallback, TheLastOnesFailureIsTold) {
  ask({"alpha/sim:status=503", "beta/sim:tokens=3"});
  world->host("beta").usual.fate = Way::Fate::refused;
  send();
  EXPECT_EQ(last_answer(*client).status, 502);
  ask({"alpha/sim:never", "beta/sim:status=503"}, call_limit(5));
  send();
  world->run_for(seconds(6));
  const auto answer = last_answer(*client);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("retry-after"), "1") << "passed through with its own";
  EXPECT_EQ(world->records()[0].text("outcome"), "error");
  EXPECT_EQ(world->records()[0].text("limit"), "");
}

// What ended the last target is what the record says, not what ended the first.
TEST_P(Fallback, AnEarlierTimeoutIsNotTheLastFailure) {
  ask({"alpha/sim:never", "beta/sim:tokens=3"}, call_limit(5));
  world->host("beta").usual.fate = Way::Fate::refused;
  send();
  world->run_for(seconds(6));
  EXPECT_EQ(last_answer(*client).status, 502);
  EXPECT_EQ(world->records()[0].text("outcome"), "error");
  EXPECT_EQ(world->records()[0].text("limit"), "");
}

// Less is left than the second usually needs to its first token: it is not tried.
TEST_P(Fallback, NotWithTooLittleLeft) {
  ask({"alpha/sim:never", "beta/sim:tokens=1,ttft_ms=6000"}, call_limit(8));
  asking.model = "beta/sim:tokens=1,ttft_ms=6000";
  send();
  world->run_for(seconds(7));
  EXPECT_EQ(world->host("beta").counters.finished(), 1u);
  asking.model = "ruled";
  asking.headers = "X-Request-Timeout: 12\r\n";
  send();
  world->run_for(seconds(9));
  EXPECT_EQ(world->host("beta").counters.started(), 1u);
  EXPECT_EQ(last_answer(*client).status, 504);
  EXPECT_EQ(last_answer(*client).json().at("limit").as_string(), GetParam() ? "first_token" : "attempt");
}

TEST_P(Fallback, NotWhenTheClientHasLeft) {
  ask({"alpha/sim:never", "beta/sim:tokens=3"}, call_limit(5));
  send();
  world->run_for(seconds(2));
  client->hang_up();
  world->run_for(seconds(10));
  EXPECT_EQ(world->host("beta").counters.started(), 0u);
  EXPECT_EQ(counted(*world, Route::chat, Outcome::cancelled), 1u);
}

INSTANTIATE_TEST_SUITE_P(Modes, Fallback, testing::Bool(),
                         [](const auto& info) { return std::string(info.param ? "stream" : "whole"); });

}  // namespace
}  // namespace punctual::simulation
