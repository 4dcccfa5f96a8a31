// The graceful end: nothing new, what runs may finish until the limit, then it is told why it ends.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"

namespace punctual::simulation {
namespace {

using std::chrono::seconds;
using telemetry::Outcome;

class Shutdown : public testing::Test {
 protected:
  void drain(std::optional<deadline::Duration> limit = seconds(60)) {
    begun = world.now();
    world.listener().drain(limit, [this] { quiet_at = world.now(); });
    world.run();
  }

  World world;
  deadline::Instant begun{};
  std::optional<deadline::Instant> quiet_at;
  Asking asking;
};

TEST_F(Shutdown, OfAnIdleGatewayIsImmediate) {
  Client idle(world);
  world.run();
  drain();
  EXPECT_EQ(quiet_at, world.now());
  world.run();
  EXPECT_EQ(idle.end(), Client::End::closed);
}

TEST_F(Shutdown, ReadySays503OnAKeptConnection) {
  Client kept(world);
  kept.send("GET /ready HTTP/1.1\r\nHost: gateway\r\n\r\n");
  world.run();
  EXPECT_EQ(last_answer(kept).status, 200);
  kept.send("GET /ready HTTP/1.1\r\n");
  world.run();
  drain();
  kept.send("Host: gateway\r\n\r\n");
  world.run();
  EXPECT_EQ(last_answer(kept).status, 503);
  EXPECT_TRUE(last_answer(kept).complete);
  EXPECT_EQ(kept.end(), Client::End::closed);
  EXPECT_TRUE(quiet_at);
}

TEST_F(Shutdown, HealthStaysWell) {
  Client kept(world);
  kept.send("GET /health HTTP/1.1\r\n");
  world.run();
  drain();
  kept.send("Host: gateway\r\n\r\n");
  world.run();
  EXPECT_EQ(last_answer(kept).status, 200);
}

TEST_F(Shutdown, ANewConnectionIsRefused) {
  Client running(world);
  asking.model = "alpha/sim:never";
  running.send(asking.text());
  world.run();
  drain();
  Client late(world);
  world.run();
  EXPECT_EQ(last_answer(late).status, 503);
  EXPECT_EQ(world.metrics().connections_refused.value(), 1u);
}

TEST_F(Shutdown, ARequestThatComesLateIsRefusedInItsWords) {
  for (const auto route : all_routes) {
    World other;
    Client client(other);
    asking.route = route;
    asking.model = model_of(route, "tokens=3");
    const auto text = asking.text();
    client.send(text.substr(0, 30));
    other.run();
    other.listener().drain(seconds(60), [] {});
    client.send(text.substr(30));
    other.run();
    const auto answer = last_answer(client);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("retry-after"), "1");
    EXPECT_EQ(answer.header("retry-after-ms"), "1000");
    EXPECT_EQ(other.network().started_requests(), 0u);
  }
}

TEST_F(Shutdown, ARunningStreamMayFinish) {
  Client client(world);
  asking.stream = true;
  asking.model = "alpha/sim:tokens=20,itl_ms=1000";
  client.send(asking.text());
  world.run_for(seconds(5));
  drain();
  EXPECT_FALSE(quiet_at);
  world.run_for(seconds(20));
  EXPECT_TRUE(last_answer(client).complete && last_answer(client).has_done());
  EXPECT_EQ(client.end(), Client::End::closed);
  EXPECT_TRUE(quiet_at);
  EXPECT_EQ(counted(world, Route::chat, Outcome::success), 1u);
}

TEST_F(Shutdown, ARunningStreamGetsAnErrorEventAtTheLimit) {
  for (const auto route : {Route::chat, Route::completions, Route::messages}) {
    World other;
    Client client(other);
    asking.route = route;
    asking.stream = true;
    asking.model = model_of(route, "tokens=1000,itl_ms=1000");
    client.send(asking.text());
    other.run_for(seconds(5));
    std::optional<deadline::Instant> ended;
    const auto due = other.now() + seconds(30);
    other.listener().drain(seconds(30), [&] { ended = other.now(); });
    other.run_for(seconds(31));
    const auto answer = last_answer(client);
    const auto* event = answer.error_event();
    ASSERT_TRUE(event) << client.raw();
    EXPECT_GE(event->at, due);
    EXPECT_LT(event->at, due + tick);
    EXPECT_TRUE(answer.complete);
    EXPECT_FALSE(answer.has_done());
    EXPECT_EQ(client.end(), Client::End::closed);
    ASSERT_TRUE(ended);
    EXPECT_EQ(*ended, event->at);
    EXPECT_EQ(other.records()[0].text("outcome"), "stopped");
    EXPECT_EQ(counted(other, route, Outcome::stopped), 1u);
    expect_quiet(other);
  }
}

TEST_F(Shutdown, ARequestThatWaitsGets503AtTheLimit) {
  for (const auto route : all_routes) {
    World other;
    Client client(other);
    asking.route = route;
    asking.model = model_of(route, "never");
    client.send(asking.text());
    other.run_for(seconds(1));
    other.listener().drain(seconds(30), [] {});
    other.run_for(seconds(31));
    EXPECT_EQ(last_answer(client).status, 503);
    EXPECT_NE(last_answer(client).header("retry-after"), "");
    EXPECT_EQ(counted(other, route, Outcome::stopped), 1u);
    expect_quiet(other);
  }
}

// Its own deadline is earlier than the limit of the shutdown.
TEST_F(Shutdown, ARequestsOwnDeadlineStays) {
  Client client(world);
  asking.model = "alpha/sim:never";
  asking.headers = "X-Request-Timeout: 10\r\n";
  client.send(asking.text());
  world.run_for(seconds(2));
  drain();
  world.run_for(seconds(9));
  EXPECT_EQ(last_answer(client).status, 504);
  EXPECT_EQ(last_answer(client).json().at("limit").as_string(), "total");
  EXPECT_TRUE(quiet_at);
}

TEST_F(Shutdown, WithoutALimitRequestsEndByThemselves) {
  Client client(world);
  asking.stream = true;
  asking.model = "alpha/sim:tokens=300,itl_ms=1000";
  client.send(asking.text());
  world.run_for(seconds(2));
  drain(std::nullopt);
  world.run_for(seconds(300));
  EXPECT_TRUE(last_answer(client).has_done());
  EXPECT_TRUE(quiet_at);
}

// Half a request must not hold up the end beyond the limit.
TEST_F(Shutdown, HalfARequestEndsAtTheLimit) {
  Client client(world);
  client.send(asking.head() + "{");
  world.run();
  drain(seconds(5));
  world.run_for(seconds(8));
  EXPECT_TRUE(quiet_at);
  EXPECT_NE(client.end(), Client::End::open);
  EXPECT_EQ(last_answer(client).status, 503);
  ASSERT_EQ(world.records().size(), 1u);
  EXPECT_EQ(world.records()[0].text("outcome"), "stopped");
}

// The last word was said, and the end of the body is all that is missing: no error behind [DONE].
TEST_F(Shutdown, NothingFollowsTheEndOfAStream) {
  Client client(world);
  asking.stream = true;
  asking.model = "alpha/sim:tokens=3,no_end";
  client.send(asking.text());
  world.run();
  drain(seconds(5));
  world.run_for(seconds(6));
  EXPECT_TRUE(last_answer(client).has_done());
  EXPECT_FALSE(last_answer(client).error_event());
  EXPECT_TRUE(last_answer(client).complete);
  EXPECT_EQ(counted(world, Route::chat, Outcome::success), 1u);
}

TEST_F(Shutdown, AClientThatReadsNothingDoesNotHoldItUp) {
  Client client(world, {.to_gateway = {}, .to_client = {.capacity_bytes = 2048}});
  client.stop_reading();
  asking.stream = true;
  asking.model = "alpha/sim:tokens=1000";
  client.send(asking.text());
  world.run();
  drain(seconds(5));
  world.run_for(seconds(5) + tick);
  EXPECT_TRUE(quiet_at);
  client.read_all();
  world.run();
  EXPECT_EQ(client.end(), Client::End::reset) << "the error could not be told, so the stream is cut hard";
}

}  // namespace
}  // namespace punctual::simulation
