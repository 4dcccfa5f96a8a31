// Every way in which an upstream can be silent while seeming to live, and what ends it.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"
#include "sim/words.hpp"

namespace punctual::simulation {
namespace {

using deadline::Phase;
using deadline::SourceKind;
using std::chrono::seconds;

constexpr std::array streams = {Route::chat, Route::completions, Route::messages};

// What ends a stream of this behaviour, counted from `started` seconds after the request.
void expect_end(std::string_view behaviour, Phase phase, int limit, int started,
                std::string_view settings = {}) {
  for (const auto route : streams) {
    SCOPED_TRACE(std::string(name_of(route)) + " " + std::string(behaviour));
    World world("[timeouts]\n" + std::string(settings) + "\n");
    Client client(world);
    Asking asking;
    asking.route = route;
    asking.stream = true;
    asking.model = model_of(route, behaviour);
    const auto begun = world.now();
    client.send(asking.text());
    ExpectedTimeout expected;
    expected.phase = phase;
    expected.limit_seconds = limit;
    expected.message = message_of(phase, std::to_string(limit));
    expected.in_stream = true;
    expected.source = phase == Phase::total ? "default" : expected.source;
    if (phase == Phase::total) expected.limit_seconds = total_seconds_of(route);
    if (phase == Phase::total) expected.message = message_of(phase, std::to_string(total_seconds_of(route)));
    if (phase == Phase::first_token) {
      expected.source = "file timeouts.first_token_seconds";
      expected.kind = SourceKind::file;
    }
    expected.started = begun + seconds(started);
    if (phase == Phase::idle) {
      // The last token came in the tick behind its time.
      world.run_for(seconds(started) + tick);
      const auto answer = last_answer(client);
      for (const auto& event : answer.events)
        if (event.carries_content()) expected.started = event.at;
    }
    expect_timeout(world, client, asking, expected);
  }
}

TEST(Silence, FromTheFirstByte) {
  expect_end("never", Phase::total, 0, 0);
  expect_end("never", Phase::first_token, 30, 0, "first_token_seconds = 30");
}

TEST(Silence, BehindTheHead) {
  expect_end("hang_after=0", Phase::total, 0, 0);
  expect_end("hang_after=0", Phase::first_token, 30, 0, "first_token_seconds = 30");
}

TEST(Silence, BehindTheFirstToken) {
  expect_end("ttft_ms=5000,hang_after=1", Phase::idle, 120, 5);
}

TEST(Silence, BehindTokenFive) {
  expect_end("ttft_ms=1000,itl_ms=1000,hang_after=5", Phase::idle, 120, 5);
}

TEST(Silence, CommentsAreNoProgress) {
  expect_end("ttft_ms=1000,itl_ms=1000,hang_after=5,comment_every_ms=3000", Phase::idle, 120, 5);
  expect_end("hang_after=0,comment_every_ms=3000", Phase::total, 0, 0);
  expect_end("hang_after=0,comment_every_ms=3000", Phase::first_token, 30, 0, "first_token_seconds = 30");
}

TEST(Silence, EmptyDeltasAreNoProgress) {
  expect_end("ttft_ms=1000,itl_ms=1000,hang_after=5,empty_deltas_every_ms=3000", Phase::idle, 120, 5);
  expect_end("hang_after=0,empty_deltas_every_ms=3000", Phase::first_token, 30, 0,
             "first_token_seconds = 30");
}

// A byte a second is a token in minutes: the clocks look at events, not at bytes.
TEST(Silence, OneByteASecond) {
  expect_end("tokens=50,byte_ms=1000", Phase::first_token, 20, 0, "first_token_seconds = 20");
  expect_end("tokens=50,byte_ms=20000", Phase::total, 0, 0);
}

// A document in drips is bounded by `total` and `attempt`.
TEST(Silence, OneByteASecondOfADocument) {
  for (const auto route : all_routes) {
    World world;
    Client client(world);
    Asking asking;
    asking.route = route;
    asking.model = model_of(route, "tokens=5000,byte_ms=1000,bytes=5000");
    ExpectedTimeout expected;
    expected.limit_seconds = total_seconds_of(route);
    expected.message = message_of(Phase::total, std::to_string(total_seconds_of(route)));
    expected.started = world.now();
    client.send(asking.text());
    expect_timeout(world, client, asking, expected);
    EXPECT_TRUE(last_answer(client).json().contains("error")) << "the part of a document is not shown";
  }
}

// Declared progress is progress: prefill of a long prompt.
TEST(Silence, DeclaredProgressFeedsIdle) {
  for (const auto route : {Route::chat, Route::completions}) {
    World world;
    Client client(world);
    Asking asking;
    asking.route = route;
    asking.stream = true;
    asking.model = model_of(route, "tokens=3,ttft_ms=400000,progress_every_ms=60000");
    client.send(asking.text());
    world.run_for(seconds(401));
    EXPECT_EQ(last_answer(client).text(), "tok1 tok2 tok3");
    EXPECT_EQ(counted(world, route, telemetry::Outcome::success), 1u);
  }
}

// Its answer is on its way; the slow one is the reader, and the upstream does not get the blame.
TEST(Silence, ASlowReaderIsNotTheUpstreamsSilence) {
  for (const auto route : streams) {
    World world("[timeouts]\nidle_seconds = 5\n");
    Client client(world, {.to_gateway = {}, .to_client = {.capacity_bytes = 4096}});
    client.read_slowly(4096, seconds(20));
    Asking asking;
    asking.route = route;
    asking.stream = true;
    asking.model = model_of(route, "tokens=400");
    client.send(asking.text());
    world.run_for(seconds(590));
    const auto answer = last_answer(client);
    EXPECT_TRUE(answer.complete);
    EXPECT_TRUE(answer.has_done());
    EXPECT_EQ(answer.text(), sim::words(sim::content_stem, 400));
    EXPECT_EQ(counted(world, route, telemetry::Outcome::success), 1u);
    EXPECT_GT(world.records()[0].number("duration_ms"), 100'000);
  }
}

// All was said, only the end of the body does not come: that is no failure.
TEST(Silence, OnlyTheEndIsMissing) {
  for (const auto route : streams) {
    World world;
    Client client(world);
    Asking asking;
    asking.route = route;
    asking.stream = true;
    asking.model = model_of(route, "tokens=3,no_end");
    client.send(asking.text());
    world.run_for(seconds(121));
    const auto answer = last_answer(client);
    EXPECT_TRUE(answer.complete);
    EXPECT_TRUE(answer.has_done());
    EXPECT_EQ(answer.text(), "tok1 tok2 tok3");
    EXPECT_FALSE(answer.error_event());
    EXPECT_EQ(counted(world, route, telemetry::Outcome::success), 1u);
    expect_quiet(world);
  }
}

}  // namespace
}  // namespace punctual::simulation
