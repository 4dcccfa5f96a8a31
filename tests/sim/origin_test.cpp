// How the system that this one takes the place of failed (origin.md, A): each failure is a test.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"

namespace punctual::simulation {
namespace {

using deadline::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Outcome;

struct Mode {
  Route route;
  bool stream;
};

std::vector<Mode> every_mode() {
  std::vector<Mode> modes;
  for (const auto route : all_routes) {
    modes.push_back({route, false});
    if (can_stream(route)) modes.push_back({route, true});
  }
  return modes;
}

class Origin : public testing::TestWithParam<Mode> {
 protected:
  Origin() {
    asking.route = GetParam().route;
    asking.stream = GetParam().stream;
  }
  void model(std::string_view behaviour) { asking.model = model_of(asking.route, behaviour); }
  Asking asking;
};

// It was caught by a catch-all, taken for a routing failure, and the request ran again.
TEST_P(Origin, ATimeoutIsNotRetried) {
  model("never");
  asking.headers = "X-Request-Timeout: 20\r\n";
  World world;
  Client client(world);
  client.send(asking.text());
  world.run_for(std::chrono::minutes(30));
  EXPECT_EQ(world.network().started_requests(), 1u);
  EXPECT_EQ(world.metrics().attempts.value(), 1u);
  EXPECT_EQ(read_answers(client).size(), 1u);
  EXPECT_LE(last_answer(client).last_at - client.connected_at(), seconds(20) + tick) << "not twice the limit";
}

// A timeout on completions came out as 500.
TEST_P(Origin, ATimeoutIsNot500) {
  model("never");
  World::Options options;
  options.settings = "[timeouts]\nheartbeat_seconds = 0\n";
  World world(options);
  Client client(world);
  client.send(asking.text());
  world.run_for(seconds(901));
  EXPECT_EQ(last_answer(client).status, 504);
}

// 300 s before 900 s; 60 s for cloud providers.
TEST_P(Origin, NoShorterTimerHidesBehindTheLimit) {
  const int limit = total_seconds_of(asking.route);
  model("ttft_ms=" + std::to_string((limit - 1) * 1000) + ",tokens=3");
  World world;
  Client client(world);
  client.send(asking.text());
  for (const int at : {59, 61, 119, 299, 301, 599, limit - 2}) {
    if (at >= limit - 1) continue;
    world.run_until(client.connected_at() + seconds(at));
    EXPECT_EQ(world.network().open_requests(), 1u) << "at " << at << " s";
    EXPECT_EQ(client.end(), Client::End::open) << "at " << at << " s";
    if (asking.stream) EXPECT_EQ(last_answer(client).heartbeats(), static_cast<std::size_t>(at / 15)) << at;
  }
  world.run_until(client.connected_at() + seconds(limit));
  const auto answer = last_answer(client);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.complete);
  if (asking.route != Route::embeddings) EXPECT_EQ(answer.text(), "tok1 tok2 tok3");
  EXPECT_EQ(counted(world, asking.route, Outcome::success), 1u);
}

// Streams had no timer on tokens and no error event.
TEST_P(Origin, AStreamHasATimerAndAnErrorEvent) {
  if (!asking.stream) GTEST_SKIP() << "for streams";
  model("tokens=50,ttft_ms=100,itl_ms=100,hang_after=20");
  World world;
  Client client(world);
  client.send(asking.text());
  world.run_for(seconds(123));
  const auto answer = last_answer(client);
  const auto* event = answer.error_event();
  ASSERT_TRUE(event) << client.raw();
  const auto error = event->json().at("error").as_object();
  EXPECT_EQ(error.at("message").as_string(), "Request timed out: no further token after 120 seconds");
  if (asking.route == Route::messages) {
    EXPECT_EQ(error.at("problem").as_string(), "https://mlx-manager.dev/errors/timeout");
  } else {
    EXPECT_EQ(error.at("type").as_string(), "https://mlx-manager.dev/errors/timeout");
  }
  EXPECT_NE(client.end(), Client::End::open) << "then the connection is closed";
}

// Timeouts were logged as `error`, and streams as they began, with 0 ms and no tokens.
TEST_P(Origin, ATimeoutIsLoggedAsTimeoutAtItsEnd) {
  model(asking.stream ? "tokens=50,ttft_ms=1000,itl_ms=1000" : "never");
  asking.headers = "X-Request-Timeout: 10.5\r\n";
  World world;
  Client client(world);
  client.send(asking.text());
  world.run_for(seconds(10));
  EXPECT_TRUE(world.records().empty()) << "not as it begins";
  world.run_for(seconds(1));
  ASSERT_EQ(world.records().size(), 1u);
  const auto& record = world.records()[0];
  EXPECT_EQ(record.text("outcome"), "timeout");
  EXPECT_EQ(record.text("limit"), "total");
  EXPECT_NEAR(record.number("duration_ms"), 10500, 0.3);
  EXPECT_EQ(record.number("content_events"), asking.stream ? 10 : 0);
  EXPECT_EQ(counted(world, asking.route, Outcome::timeout), 1u);
  EXPECT_EQ(counted(world, asking.route, Outcome::error), 0u);
}

// Expiry, a client's hang-up and Stop did not stop the generation, so a dead job blocked all later ones.
TEST_P(Origin, ExpiryCancelsTheUpstream) {
  model("tokens=1000,itl_ms=1000,ttft_ms=20000");
  asking.headers = "X-Request-Timeout: 10\r\n";
  World world;
  Client client(world);
  client.send(asking.text());
  world.run_for(seconds(9));
  EXPECT_EQ(world.network().open_requests(), 1u);
  world.run_for(seconds(1) + tick);
  EXPECT_EQ(world.network().open_requests(), 0u);
  EXPECT_EQ(world.host(std::string(upstream_of(asking.route))).counters.aborted(), 1u);
}

TEST_P(Origin, AHangUpCancelsTheUpstream) {
  for (const auto* behaviour :
       {"never", "tokens=1000,itl_ms=1000,ttft_ms=9000", "hang_after=0,headers_ms=10"}) {
    SCOPED_TRACE(behaviour);
    model(behaviour);
    World world;
    Client client(world);
    client.send(asking.text());
    world.run_for(milliseconds(4500));
    EXPECT_EQ(world.network().open_requests(), 1u);
    client.hang_up();
    world.run();
    EXPECT_EQ(world.network().open_requests(), 0u) << "at once, without time passing";
    ASSERT_EQ(world.records().size(), 1u);
    EXPECT_EQ(world.records()[0].text("outcome"), "cancelled");
    EXPECT_EQ(world.records()[0].text("ended_by"), "client");
    EXPECT_EQ(counted(world, asking.route, Outcome::cancelled), 1u);
    EXPECT_EQ(world.metrics().connections_open.value(), 0u);
  }
}

TEST_P(Origin, AHangUpWhileConnectingGivesTheConnectingUp) {
  model("tokens=4");
  World world;
  auto& upstream = world.host(std::string(upstream_of(asking.route)));
  upstream.usual.fate = Way::Fate::hanging;
  Client client(world);
  client.send(asking.text());
  world.run_for(seconds(2));
  EXPECT_EQ(upstream.given_up, 0u);
  client.reset();
  world.run();
  EXPECT_EQ(upstream.given_up, 1u);
  EXPECT_EQ(counted(world, asking.route, Outcome::cancelled), 1u);
}

TEST_P(Origin, StopCancelsTheUpstream) {
  model(asking.stream ? "tokens=1000,itl_ms=1000" : "never");
  World world;
  Client client(world);
  client.send(asking.text());
  world.run_for(milliseconds(2500));
  world.listener().end_requests();
  world.run();
  EXPECT_EQ(world.network().open_requests(), 0u);
  ASSERT_EQ(world.records().size(), 1u);
  EXPECT_EQ(world.records()[0].text("outcome"), "stopped");
  const auto answer = last_answer(client);
  EXPECT_TRUE(asking.stream ? answer.error_event() != nullptr : answer.status == 503) << client.raw();
}

// One dead job must not hold up the next.
TEST_P(Origin, TheNextRequestIsServedAfterATimeout) {
  model("never");
  asking.headers = "X-Request-Timeout: 5\r\n";
  World world;
  Client first(world);
  first.send(asking.text());
  world.run_for(seconds(6));
  model("tokens=3");
  Client second(world);
  second.send(asking.text());
  world.run();
  EXPECT_EQ(last_answer(second).status, 200);
  EXPECT_TRUE(last_answer(second).complete);
}

INSTANTIATE_TEST_SUITE_P(Modes, Origin, testing::ValuesIn(every_mode()), [](const auto& info) {
  return std::string(name_of(info.param.route)) + (info.param.stream ? "_stream" : "_whole");
});

}  // namespace
}  // namespace punctual::simulation
