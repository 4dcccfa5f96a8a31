// The same target once more: how often, after which pause, and never beyond the budget.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"

namespace punctual::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Retry : public testing::TestWithParam<bool> {
 protected:
  void make(const std::string& targets, const std::string& more, const std::string& settings = {}) {
    world = std::make_unique<World>(
        settings + "[[rules]]\npriority = 1\nmatch = 'exact'\npattern = 'ruled'\ntargets = [" + targets +
        "]\n" + more + "\n");
    client = std::make_unique<Client>(*world);
  }
  void send(const std::string& headers = {}) {
    Asking asking;
    asking.stream = GetParam();
    asking.model = "ruled";
    asking.headers = headers;
    client->send(asking.text());
    world->run();
  }
  // The first `times` connections are refused.
  void refuse_first(int times) {
    world->host("alpha").next = [left = times]() mutable {
      Way way;
      if (left-- > 0) way.fate = Way::Fate::refused;
      return way;
    };
  }

  std::unique_ptr<World> world;
  std::unique_ptr<Client> client;
};

constexpr const char* alpha = "{provider='alpha', model='sim:tokens=3'}";

TEST_P(Retry, NotUnlessTheRuleSaysSo) {
  make(alpha, "");
  refuse_first(1);
  send();
  EXPECT_EQ(last_answer(*client).status, 502);
}

TEST_P(Retry, AfterAPauseThatDoubles) {
  make(alpha, "retries_max = 2");
  refuse_first(2);
  send();
  EXPECT_EQ(world->host("alpha").connects, 1u);
  world->run_for(milliseconds(249));
  EXPECT_EQ(world->host("alpha").connects, 1u);
  world->run_for(milliseconds(2));
  EXPECT_EQ(world->host("alpha").connects, 2u);
  world->run_for(milliseconds(498));
  EXPECT_EQ(world->host("alpha").connects, 2u);
  world->run_for(milliseconds(100));
  EXPECT_EQ(last_answer(*client).status, 200);
  EXPECT_EQ(last_answer(*client).text(), "tok1 tok2 tok3");
  EXPECT_EQ(world->metrics().retries.value(), 2u);
  EXPECT_EQ(world->metrics().fallbacks.value(), 0u);
  const auto& record = world->records().back();
  ASSERT_EQ(record.attempts().size(), 3u);
  EXPECT_EQ(record.attempts()[0].text("outcome"), "refused");
  EXPECT_EQ(record.attempts()[2].text("outcome"), "success");
  expect_quiet(*world);
}

TEST_P(Retry, ThenTheNextTarget) {
  make(std::string(alpha) + ", {provider='beta', model='sim:tokens=2'}", "retries_max = 1");
  refuse_first(9);
  send();
  world->run_for(seconds(1));
  EXPECT_EQ(world->host("alpha").connects, 2u);
  EXPECT_EQ(last_answer(*client).text(), "tok1 tok2");
}

// The simulation says Retry-After: 1.
TEST_P(Retry, WhenTheUpstreamSaysSo) {
  make("{provider='alpha', model='sim:status=503'}", "retries_max = 1");
  send();
  world->run_for(milliseconds(999));
  EXPECT_EQ(world->host("alpha").counters.started(), 1u);
  world->run_for(milliseconds(2));
  EXPECT_EQ(world->host("alpha").counters.started(), 2u);
  EXPECT_EQ(last_answer(*client).status, 503);
  EXPECT_EQ(last_answer(*client).header("retry-after"), "1") << "the last one's own";
}

TEST_P(Retry, WhoAsksToBeLeftAloneIsIfThereIsAnother) {
  make("{provider='alpha', model='sim:status=503'}, {provider='beta', model='sim:tokens=2'}",
       "retries_max = 3");
  send();
  EXPECT_EQ(last_answer(*client).text(), "tok1 tok2");
  EXPECT_EQ(world->host("alpha").counters.started(), 1u);
  client = std::make_unique<Client>(*world);
  send();
  EXPECT_EQ(world->host("alpha").counters.started(), 1u) << "still left alone";
  EXPECT_EQ(world->host("beta").counters.started(), 2u);
}

TEST_P(Retry, NotBeyondTheBudget) {
  make("{provider='alpha', model='sim:status=503'}", "retries_max = 3");
  send("X-Request-Timeout: 0.9\r\n");
  EXPECT_EQ(last_answer(*client).status, 503) << "at once, with the upstream's own words";
  EXPECT_EQ(world->host("alpha").counters.started(), 1u);
}

TEST_P(Retry, APauseEndsWithTheDeadlineAndWithTheClient) {
  make(alpha, "retries_max = 3", "[retries]\nback_off_seconds = 2\n");
  refuse_first(9);
  send("X-Request-Timeout: 5\r\n");
  world->run_for(seconds(3));
  EXPECT_EQ(world->host("alpha").connects, 2u);
  world->run_for(seconds(3));
  EXPECT_EQ(world->host("alpha").connects, 2u) << "four more seconds are not left";
  EXPECT_EQ(last_answer(*client).status, 502);
  client = std::make_unique<Client>(*world);
  send();
  world->run_for(seconds(1));
  client->hang_up();
  world->run_for(seconds(10));
  EXPECT_EQ(world->records().back().text("outcome"), "cancelled");
  EXPECT_EQ(world->host("alpha").connects, 3u);
  expect_quiet(*world);
}

TEST_P(Retry, TheBudgetOfTheCoreBoundsThem) {
  make(alpha, "retries_max = 1",
       "[retries]\nshare = 0\nper_second = 0.1\nback_off_seconds = 0\n[breaker]\nfailures_in_a_row = "
       "0\nerror_share = 0\n");
  world->host("alpha").usual.fate = Way::Fate::refused;
  for (int i = 0; i < 10; ++i) {
    client = std::make_unique<Client>(*world);
    send();
    EXPECT_EQ(last_answer(*client).status, 502);
  }
  EXPECT_EQ(world->metrics().retries.value(), 1u);
  EXPECT_EQ(world->host("alpha").connects, 11u);
}

INSTANTIATE_TEST_SUITE_P(Modes, Retry, testing::Bool(),
                         [](const auto& info) { return std::string(info.param ? "stream" : "whole"); });

// What targets are asked, one request after the other.
class Balance : public testing::Test {
 protected:
  void make(const std::string& balance, const std::string& targets) {
    world =
        std::make_unique<World>("[[rules]]\npriority = 1\nmatch = 'exact'\npattern = 'ruled'\nbalance = '" +
                                balance + "'\ntargets = [" + targets + "]\n");
  }
  std::unique_ptr<Client> ask() {
    Asking asking;
    asking.stream = true;
    asking.model = "ruled";
    auto client = std::make_unique<Client>(*world);
    client->send(asking.text());
    world->run();
    return client;
  }
  std::uint64_t asked(const std::string& provider) { return world->host(provider).counters.started(); }

  std::unique_ptr<World> world;
};

TEST_F(Balance, FollowsTheWeights) {
  make("weighted",
       "{provider='alpha', model='sim:tokens=1', weight=3}, {provider='beta', model='sim:tokens=1'}, "
       "{provider='gamma', model='sim:tokens=1', weight=0}");
  for (int i = 0; i < 400; ++i)
    ask();
  EXPECT_NEAR(static_cast<double>(asked("alpha")), 300, 40);
  EXPECT_EQ(asked("alpha") + asked("beta"), 400u);
  EXPECT_EQ(asked("gamma"), 0u) << "only after all others";
}

TEST_F(Balance, TriesTheReserveLast) {
  make("weighted",
       "{provider='gamma', model='sim:tokens=1', weight=0}, {provider='alpha', model='sim:tokens=1'}");
  world->host("alpha").usual.fate = Way::Fate::refused;
  const auto client = ask();
  EXPECT_EQ(last_answer(*client).status, 200);
  EXPECT_EQ(asked("gamma"), 1u);
}

TEST_F(Balance, TakesTheLeastLoaded) {
  make("least_loaded",
       "{provider='alpha', model='sim:tokens=2,itl_ms=60000', weight=2}, {provider='beta', "
       "model='sim:tokens=2,itl_ms=60000'}");
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 9; ++i)
    clients.push_back(ask());
  EXPECT_EQ(asked("alpha"), 6u);
  EXPECT_EQ(asked("beta"), 3u);
}

}  // namespace
}  // namespace punctual::simulation
