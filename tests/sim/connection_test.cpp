// Connections on both sides: kept, gone stale, pipelined, cut into pieces, half closed.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"

namespace punctual::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Outcome;

class Connections : public testing::Test {
 protected:
  std::string request(const std::string& model, bool stream = false) {
    Asking asking;
    asking.model = model;
    asking.stream = stream;
    return asking.text();
  }
  World world;
};

TEST_F(Connections, AnUpstreamConnectionIsUsedAgain) {
  Client client(world);
  for (int i = 0; i < 5; ++i) {
    client.send(request("alpha/sim:tokens=2"));
    world.run_for(seconds(1));
  }
  EXPECT_EQ(read_answers(client).size(), 5u);
  EXPECT_EQ(world.host("alpha").connects, 1u);
  EXPECT_EQ(world.metrics().upstream_connections_reused.value(), 4u);
}

TEST_F(Connections, AnIdleUpstreamConnectionIsClosedBeforeThePeerDoes) {
  Client client(world);
  client.send(request("alpha/sim:tokens=2,keepalive_ms=5000"));
  world.run_for(milliseconds(4900));
  EXPECT_EQ(world.network().open_connections(), 0u);
}

// Closed by the upstream while it was idle: the next request must not notice.
TEST_F(Connections, AStaleUpstreamConnectionIsReplaced) {
  for (const int after_ms : {1, 999, 1000, 1001, 3000}) {
    SCOPED_TRACE(after_ms);
    World other;
    Client client(other);
    client.send(request("alpha/sim:tokens=2,keepalive_ms=1000"));
    other.run_for(milliseconds(after_ms));
    client.send(request("alpha/sim:tokens=2"));
    other.run();
    const auto answers = read_answers(client);
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[1].status, 200);
    EXPECT_EQ(answers[1].text(), "tok1 tok2");
  }
}

// It closes in the moment in which the next request is on its way: once more, on a new connection.
TEST_F(Connections, AConnectionThatClosesUnderARequestIsReplacedOnce) {
  world.host("alpha").usual.to_server.delay = milliseconds(30);
  world.host("alpha").usual.to_gateway.delay = milliseconds(30);
  Client client(world);
  client.send(request("alpha/sim:tokens=2,keepalive_ms=1000"));
  world.run_for(milliseconds(1062));
  client.send(request("alpha/sim:tokens=2"));
  world.run_for(milliseconds(300));
  const auto answers = read_answers(client);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[1].status, 200);
  EXPECT_EQ(world.host("alpha").connects, 2u);
  EXPECT_EQ(world.host("alpha").counters.started(), 2u) << "never twice";
  EXPECT_EQ(counted(world, Route::chat, Outcome::success), 2u);
}

// A cut answer's connection is not used again.
TEST_F(Connections, ACancelledUpstreamConnectionIsNotKept) {
  Client first(world);
  first.send(request("alpha/sim:tokens=100,itl_ms=1000", true));
  world.run_for(seconds(3));
  first.hang_up();
  world.run();
  EXPECT_EQ(world.network().open_connections(), 0u);
  Client second(world);
  second.send(request("alpha/sim:tokens=2"));
  world.run();
  EXPECT_EQ(last_answer(second).text(), "tok1 tok2");
  EXPECT_EQ(world.host("alpha").connects, 2u);
}

TEST_F(Connections, PipelinedRequestsAreAnsweredInOrder) {
  Client client(world);
  client.send(request("alpha/sim:tokens=1,ttft_ms=5000") + request("alpha/sim:tokens=2", true) +
              "GET /health HTTP/1.1\r\nHost: gateway\r\n\r\n" + request("alpha/sim:tokens=3"));
  world.run_for(seconds(6));
  const auto answers = read_answers(client);
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0].text(), "tok1");
  EXPECT_EQ(answers[1].text(), "tok1 tok2");
  EXPECT_EQ(answers[2].status, 200);
  EXPECT_EQ(answers[3].text(), "tok1 tok2 tok3");
  EXPECT_EQ(world.records().size(), 3u);
}

TEST_F(Connections, ARequestInPieces) {
  for (const std::size_t piece : {1u, 7u, 64u}) {
    World other;
    Client client(other);
    const auto text = request("alpha/sim:tokens=3", true);
    for (std::size_t at = 0; at < text.size(); at += piece) {
      client.send(text.substr(at, piece));
      other.run_for(milliseconds(10));
    }
    EXPECT_EQ(last_answer(client).text(), "tok1 tok2 tok3");
  }
}

TEST_F(Connections, SmallBuffersEverywhere) {
  const net::MemoryStreamOptions tiny{.capacity_bytes = 13, .write_bytes_max = 7, .read_bytes_max = 5};
  world.host("alpha").usual.to_server = tiny;
  world.host("alpha").usual.to_gateway = tiny;
  Client client(world, {.to_gateway = tiny, .to_client = tiny});
  client.send(request("alpha/sim:tokens=30", true));
  client.send(request("alpha/sim:tokens=30,split"));
  world.run_for(seconds(1));
  const auto answers = read_answers(client);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].text(), answers[1].text());
  EXPECT_TRUE(answers[0].has_done());
  EXPECT_TRUE(answers[1].complete);
}

// A client that says nothing more is taken for gone, also if it would still read.
TEST_F(Connections, AHalfClosedClientCancels) {
  Client client(world);
  client.send(request("alpha/sim:tokens=100,itl_ms=1000", true));
  world.run_for(seconds(3));
  client.finish_sending();
  world.run();
  EXPECT_EQ(world.network().open_requests(), 0u);
  EXPECT_EQ(counted(world, Route::chat, Outcome::cancelled), 1u);
  EXPECT_NE(client.end(), Client::End::closed) << "a clean end would read as success";
}

// A burst fills the client's buffer, and then the upstream breaks: the error waits for its turn.
TEST_F(Connections, AnErrorBehindABurstIsDelivered) {
  Client client(world, {.to_gateway = {}, .to_client = {.capacity_bytes = 4096}});
  client.read_slowly(4096, milliseconds(500));
  client.send(request("alpha/sim:tokens=100,close_after=90", true));
  world.run_for(seconds(20));
  const auto answer = last_answer(client);
  EXPECT_TRUE(answer.text().ends_with("tok90")) << answer.text();
  EXPECT_TRUE(answer.error_event());
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(client.end(), Client::End::closed);
}

// The head was read, so it is a request, and its end is recorded.
TEST_F(Connections, AHangUpInTheBodyIsRecorded) {
  Client client(world);
  Asking asking;
  client.send(asking.head() + "{");
  world.run_for(seconds(2));
  client.hang_up();
  world.run();
  EXPECT_EQ(world.metrics().connections_open.value(), 0u);
  ASSERT_EQ(world.records().size(), 1u);
  EXPECT_EQ(world.records()[0].text("outcome"), "cancelled");
  EXPECT_EQ(world.records()[0].text("ended_by"), "client");
  EXPECT_EQ(counted(world, Route::chat, Outcome::cancelled), 1u);
}

// A head that is none has an id and a time of its own, not those of the request before it.
TEST_F(Connections, AMalformedHeadIsRecordedForItself) {
  Client client(world);
  client.send(request("alpha/sim:tokens=2"));
  world.run_for(seconds(20));
  client.send("GET / HTTP/1.1\r\nbad header\r\n\r\n");
  world.run();
  ASSERT_EQ(world.records().size(), 2u);
  const auto& record = world.records()[1];
  EXPECT_EQ(record.text("outcome"), "refused");
  EXPECT_NE(record.text("request_id"), world.records()[0].text("request_id"));
  EXPECT_EQ(record.text("endpoint"), "");
  EXPECT_LT(record.number("duration_ms"), 1);
  EXPECT_EQ(last_answer(client).status, 400);
  EXPECT_EQ(last_answer(client).header("x-request-id"), record.text("request_id"));
}

TEST_F(Connections, AMalformedFirstHeadBeganWithItsConnection) {
  Client client(world);
  world.run_for(seconds(2));
  client.send("nonsense\r\n\r\n");
  world.run();
  ASSERT_EQ(world.records().size(), 1u);
  EXPECT_NEAR(world.records()[0].number("duration_ms"), 2000, 1);
}

TEST_F(Connections, TooManyAreRefused) {
  World small(World::Options{.connections_max = 1});
  Client first(small);
  Client second(small);
  small.run();
  EXPECT_EQ(last_answer(second).status, 503);
  EXPECT_NE(second.end(), Client::End::open);
  first.hang_up();
  small.run();
  Client third(small);
  third.send(request("alpha/sim:tokens=1"));
  small.run();
  EXPECT_EQ(last_answer(third).status, 200);
}

TEST_F(Connections, NothingIsLeftAtTheEnd) {
  Client client(world);
  client.send(request("alpha/sim:tokens=2"));
  world.run();
  client.hang_up();
  EXPECT_TRUE(world.run_out()) << "no timer runs any more";
  EXPECT_EQ(world.metrics().connections_open.value(), 0u);
  EXPECT_EQ(world.network().open_connections(), 0u);
}

}  // namespace
}  // namespace punctual::simulation
