// The row `total` of the phase table: on every route, streaming and not, before and in the answer.
#include <gtest/gtest.h>

#include "sim/phase_case.hpp"

namespace punctual::simulation {
namespace {

using deadline::Phase;
using deadline::SourceKind;
using std::chrono::seconds;

std::string key_of(Route route, SourceKind kind) {
  const bool own = kind == SourceKind::rule || kind == SourceKind::provider;
  return own ? "total_seconds" : std::string(endpoint_of(route)) + "_seconds";
}

class Total : public PhaseTest {
 protected:
  void limit_total() {
    limit(Phase::total, key_of(asking.route, expected.kind), total_seconds_of(asking.route), 45);
  }
};

// The upstream takes the request and says nothing at all.
TEST_P(Total, SilenceFromTheFirstByte) {
  model("never");
  limit_total();
  expected.in_stream = asking.stream;  // heartbeats have begun the stream
  World world(options);
  Client client(world);
  expected.started = world.now();
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
  EXPECT_EQ(world.network().started_requests(), 1u);
}

// Without heartbeats the head is not there yet, so the status says it.
TEST_P(Total, SilenceWithoutHeartbeats) {
  model("never");
  options.environment["PUNCTUAL_TIMEOUT_HEARTBEAT_SECONDS"] = "0";
  limit_total();
  World world(options);
  Client client(world);
  expected.started = world.now();
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
}

// Tokens come all the time, and the whole takes too long.
TEST_P(Total, InTheAnswer) {
  model("tokens=100000,itl_ms=10000,ttft_ms=1000000");
  if (asking.stream) model("tokens=100000,itl_ms=10000,ttft_ms=1000");
  limit_total();
  expected.in_stream = asking.stream;
  World world(options);
  Client client(world);
  expected.started = world.now();
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
  if (asking.stream) EXPECT_TRUE(last_answer(client).text().starts_with("tok1 tok2 tok3"));
}

INSTANTIATE_TEST_SUITE_P(Phases, Total, testing::ValuesIn(cases_of(with_default)),
                         [](const auto& info) { return name_of(info); });

// The wait is over; the connection of a request that got a whole answer stays usable.
TEST(TotalAfterwards, TheConnectionServesTheNextRequest) {
  World world;
  Client client(world);
  Asking asking;
  asking.model = "alpha/sim:never";
  asking.headers = "X-Request-Timeout: 2\r\n";
  client.send(asking.text());
  world.run_for(seconds(3));
  asking.model = "alpha/sim:tokens=2";
  asking.headers = {};
  client.send(asking.text());
  world.run();
  const auto answers = read_answers(client);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].status, 504);
  EXPECT_EQ(answers[1].status, 200);
  EXPECT_EQ(answers[1].text(), "tok1 tok2");
}

}  // namespace
}  // namespace punctual::simulation
