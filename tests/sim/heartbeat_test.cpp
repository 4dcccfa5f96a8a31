// Signs of life in a silent stream: when they come, where they may stand, and what can still follow them.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"
#include "sim/words.hpp"

namespace punctual::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Outcome;

class Heartbeat : public testing::Test {
 protected:
  void ask(World& in, Client& from, const std::string& model) {
    asking.stream = true;
    asking.model = model;
    from.send(asking.text());
    in.run();
  }
  Asking asking;
};

TEST_F(Heartbeat, BeginsTheStreamBeforeTheUpstreamDoes) {
  World world;
  Client client(world);
  ask(world, client, "alpha/sim:tokens=2,headers_ms=40000,ttft_ms=40000");
  world.run_for(seconds(15) - milliseconds(1));
  EXPECT_TRUE(client.arrivals().empty());
  world.run_for(milliseconds(1) + tick);
  EXPECT_EQ(last_answer(client).status, 200);
  EXPECT_TRUE(last_answer(client).is_stream());
  EXPECT_EQ(last_answer(client).heartbeats(), 1u);
  world.run_for(seconds(30));
  const auto answer = last_answer(client);
  EXPECT_EQ(answer.heartbeats(), 2u);
  EXPECT_EQ(answer.text(), "tok1 tok2");
  EXPECT_TRUE(answer.complete && answer.has_done());
  EXPECT_EQ(world.records()[0].number("heartbeats"), 2);
  EXPECT_EQ(world.metrics().heartbeats.value(), 2u);
}

TEST_F(Heartbeat, ThenAnotherTarget) {
  World world(rule_of({"alpha/sim:never", "beta/sim:tokens=3,ttft_ms=20000"}, "first_token_seconds = 40"));
  Client client(world);
  ask(world, client, "ruled");
  world.run_for(seconds(61));
  const auto answer = last_answer(client);
  EXPECT_EQ(answer.text(), "tok1 tok2 tok3");
  EXPECT_TRUE(answer.complete && answer.has_done());
  EXPECT_GE(answer.heartbeats(), 3u);
  EXPECT_EQ(counted(world, Route::chat, Outcome::success), 1u);
}

// A first target that sent its head and hung must not take the signs of life with it.
TEST_F(Heartbeat, GoOnWithTheNextTarget) {
  for (const auto* first : {"alpha/sim:hang_after=0", "alpha/sim:never"}) {
    SCOPED_TRACE(first);
    World world(rule_of({first, "beta/sim:tokens=3,ttft_ms=39000"}, "first_token_seconds = 40"));
    Client client(world);
    ask(world, client, "ruled");
    world.run_for(seconds(81));
    const auto answer = last_answer(client);
    EXPECT_EQ(answer.text(), "tok1 tok2 tok3");
    EXPECT_EQ(answer.heartbeats(), 5u) << "at 15, 30, 45, 60 and 75 s";
  }
}

// Progress that is held back, because another target could still take over, is silence to the client.
TEST_F(Heartbeat, GoOnWhileProgressIsHeldBack) {
  World world(rule_of({"alpha/sim:tokens=3,ttft_ms=50000,progress_every_ms=4000", "beta/sim:tokens=3"}));
  Client client(world);
  ask(world, client, "ruled");
  world.run_for(seconds(51));
  const auto answer = last_answer(client);
  EXPECT_EQ(answer.text(), "tok1 tok2 tok3");
  EXPECT_EQ(answer.heartbeats(), 3u);
}

TEST_F(Heartbeat, ThenTheErrorOfTheLastTarget) {
  for (const auto* model : {"alpha/sim:status=503,ttft_ms=20000", "alpha/sim:status=400,ttft_ms=20000"}) {
    World world;
    Client client(world);
    ask(world, client, model);
    world.run_for(seconds(21));
    const auto answer = last_answer(client);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.heartbeats(), 1u);
    const auto* event = answer.error_event();
    ASSERT_TRUE(event) << client.raw();
    EXPECT_EQ(event->json().at("error").as_object().at("message").as_string(), "A simulated error.")
        << "the upstream's own words";
    EXPECT_FALSE(answer.has_done());
    EXPECT_EQ(counted(world, Route::chat, Outcome::error), 1u);
    expect_quiet(world);
  }
}

// Bytes of an event that is not whole are held back, so a comment never cuts one.
TEST_F(Heartbeat, StandsOnlyBetweenEvents) {
  for (const auto route : {Route::chat, Route::completions, Route::messages}) {
    World world("[timeouts]\nheartbeat_seconds = 0.05\n");
    Client client(world);
    asking.route = route;
    ask(world, client, model_of(route, "tokens=20,byte_ms=1"));
    world.run_for(seconds(30));
    const auto answer = last_answer(client);
    EXPECT_EQ(answer.text(), sim::words(sim::content_stem, 20));
    EXPECT_TRUE(answer.complete && answer.has_done());
    EXPECT_GT(answer.heartbeats(), 10u);
    for (const auto& event : answer.events) {
      if (event.heartbeat()) continue;
      EXPECT_EQ(event.raw.find("keep-alive"), std::string::npos) << event.raw;
      EXPECT_TRUE(event.data == "[DONE]" || !event.json().empty()) << event.raw;
    }
  }
}

TEST_F(Heartbeat, NotWhileTokensCome) {
  World world("[timeouts]\nheartbeat_seconds = 2\n");
  Client client(world);
  ask(world, client, "alpha/sim:tokens=20,itl_ms=1000");
  world.run_for(seconds(30));
  EXPECT_EQ(last_answer(client).heartbeats(), 0u);
}

TEST_F(Heartbeat, NeverInADocument) {
  for (const auto route : all_routes) {
    World world("[timeouts]\nheartbeat_seconds = 1\n");
    Client client(world);
    asking.route = route;
    asking.stream = false;
    asking.model = model_of(route, "tokens=3,ttft_ms=30000");
    client.send(asking.text());
    world.run_for(seconds(29));
    EXPECT_TRUE(client.arrivals().empty());
    world.run_for(seconds(2));
    EXPECT_EQ(last_answer(client).status, 200);
  }
}

TEST_F(Heartbeat, OffWithZero) {
  World world("[timeouts]\nheartbeat_seconds = 0\n");
  Client client(world);
  ask(world, client, "alpha/sim:tokens=3,headers_ms=100000,ttft_ms=100000");
  world.run_for(seconds(99));
  EXPECT_TRUE(client.arrivals().empty());
  world.run_for(seconds(2));
  EXPECT_EQ(last_answer(client).text(), "tok1 tok2 tok3");
}

// A client of HTTP/1.0 knows no chunks: the end of the connection is the end.
TEST_F(Heartbeat, ForHttp10) {
  World world;
  Client client(world);
  asking.minor_version = 0;
  ask(world, client, "alpha/sim:tokens=3,ttft_ms=40000");
  world.run_for(seconds(41));
  const auto answer = last_answer(client);
  EXPECT_EQ(answer.text(), "tok1 tok2 tok3");
  EXPECT_EQ(answer.header("transfer-encoding"), "");
  EXPECT_EQ(answer.heartbeats(), 2u);
  EXPECT_EQ(client.end(), Client::End::closed);
}

}  // namespace
}  // namespace punctual::simulation
