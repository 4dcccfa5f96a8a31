// The rows `connect`, `first_token`, `idle` and `attempt` of the phase table.
#include <gtest/gtest.h>

#include "sim/phase_case.hpp"

namespace punctual::simulation {
namespace {

using deadline::Phase;
using std::chrono::seconds;

class Connect : public PhaseTest {};

TEST_P(Connect, ToAHostThatNeverAnswers) {
  limit(Phase::connect, "connect_seconds", 10, 7);
  World world(options);
  upstream(world).usual.fate = Way::Fate::hanging;
  Client client(world);
  expected.started = world.now();
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
  EXPECT_EQ(upstream(world).connects, 1u);
  EXPECT_EQ(upstream(world).given_up, 1u) << "the attempt to connect is dropped";
  EXPECT_EQ(world.network().started_requests(), 0u);
}

TEST_P(Connect, WithinTheLimitIsFine) {
  limit(Phase::connect, "connect_seconds", 10, 7);
  World world(options);
  upstream(world).usual.delay = std::chrono::milliseconds(6990);
  Client client(world);
  client.send(asking.text());
  world.run_for(seconds(7));
  EXPECT_EQ(last_answer(client).status, 200);
  EXPECT_EQ(counted(world, asking.route, telemetry::Outcome::success), 1u);
}

INSTANTIATE_TEST_SUITE_P(Phases, Connect, testing::ValuesIn(cases_of(with_default)),
                         [](const auto& info) { return name_of(info); });

class FirstToken : public PhaseTest {};

TEST_P(FirstToken, SilenceFromTheFirstByte) {
  model("never");
  limit(Phase::first_token, "first_token_seconds", 0, 12);
  World world(options);
  Client client(world);
  expected.started = world.now();
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
  EXPECT_EQ(world.network().started_requests(), 1u);
}

// Its clock starts when the request is written: the time to connect is not its.
TEST_P(FirstToken, StartsBehindTheConnecting) {
  model("never");
  limit(Phase::first_token, "first_token_seconds", 0, 12);
  World world(options);
  upstream(world).usual.delay = tick * 4000;
  Client client(world);
  client.send(asking.text());
  world.run_until([&] { return world.network().started_requests() == 1; });
  expected.started = world.now();
  expected.in_stream = false;
  expect_timeout(world, client, asking, expected);
}

INSTANTIATE_TEST_SUITE_P(Phases, FirstToken, testing::ValuesIn(cases_of(without_default, true, false)),
                         [](const auto& info) { return name_of(info); });

// An answer in one piece has no first token of its own.
TEST(FirstTokenOfWhole, BindsNothing) {
  for (const auto route : all_routes) {
    World world("[timeouts]\nfirst_token_seconds = 5\n");
    Client client(world);
    Asking asking;
    asking.route = route;
    asking.model = model_of(route, "tokens=2,ttft_ms=20000");
    client.send(asking.text());
    world.run_for(seconds(21));
    EXPECT_EQ(last_answer(client).status, 200);
  }
}

class FirstTokenOfStream : public PhaseTest {
 protected:
  void expect_it(std::string_view behaviour) {
    model(behaviour);
    limit(Phase::first_token, "first_token_seconds", 0, 40);
    expected.in_stream = true;
    World world(options);
    Client client(world);
    expected.started = world.now();
    client.send(asking.text());
    expect_timeout(world, client, asking, expected);
    EXPECT_GE(last_answer(client).heartbeats(), 2u);
  }
};

TEST_P(FirstTokenOfStream, SilenceBehindTheHead) {
  expect_it("hang_after=0");
}
TEST_P(FirstTokenOfStream, SilenceBehindHeartbeats) {
  expect_it("never");
}

INSTANTIATE_TEST_SUITE_P(Phases, FirstTokenOfStream,
                         testing::ValuesIn(cases_of(without_default, true, false)),
                         [](const auto& info) { return name_of(info); });

class Idle : public PhaseTest {};

TEST_P(Idle, SilenceBehindATokenInTheMiddle) {
  model("tokens=9,ttft_ms=30000,itl_ms=500,hang_after=4");
  limit(Phase::idle, "idle_seconds", 120, 33);
  expected.in_stream = true;
  World world(options);
  Client client(world);
  client.send(asking.text());
  world.run_for(seconds(32));
  // When the last token came, to the tick.
  expected.started = last_answer(client).events.back().at;
  EXPECT_EQ(last_answer(client).text(), "tok1 tok2 tok3 tok4");
  expect_timeout(world, client, asking, expected);
  EXPECT_EQ(last_answer(client).text(), "tok1 tok2 tok3 tok4") << "what was said stays said";
  EXPECT_EQ(world.records()[0].number("content_events"), 4);
}

TEST_P(Idle, DoesNotBindWhatMoves) {
  model("tokens=6,ttft_ms=60000,itl_ms=30000");
  limit(Phase::idle, "idle_seconds", 120, 33);
  World world(options);
  Client client(world);
  client.send(asking.text());
  world.run_for(seconds(300));
  EXPECT_EQ(last_answer(client).text(), "tok1 tok2 tok3 tok4 tok5 tok6");
  EXPECT_TRUE(last_answer(client).complete);
  EXPECT_TRUE(last_answer(client).has_done());
}

INSTANTIATE_TEST_SUITE_P(Phases, Idle, testing::ValuesIn(cases_of(with_default, true, false)),
                         [](const auto& info) { return name_of(info); });

class Attempt : public PhaseTest {};

TEST_P(Attempt, BoundsOneCallFromItsDispatch) {
  model(asking.stream ? "tokens=1000,itl_ms=1000" : "never");
  limit(Phase::attempt, "attempt_seconds", 0, 20);
  expected.in_stream = asking.stream;
  World world(options);
  Client client(world);
  expected.started = world.now();
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
  EXPECT_EQ(world.network().started_requests(), 1u);
}

TEST_P(Attempt, BoundsTheConnectingToo) {
  limit(Phase::attempt, "attempt_seconds", 0, 5);
  World world(options);
  upstream(world).usual.fate = Way::Fate::hanging;
  Client client(world);
  expected.started = world.now();
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
}

INSTANTIATE_TEST_SUITE_P(Phases, Attempt, testing::ValuesIn(cases_of(without_default)),
                         [](const auto& info) { return name_of(info); });

}  // namespace
}  // namespace punctual::simulation
