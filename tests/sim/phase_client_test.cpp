// The rows `receive` and `drain` of the phase table: clients that do not send, or do not read.
#include <gtest/gtest.h>

#include "sim/phase_case.hpp"

namespace punctual::simulation {
namespace {

using deadline::Phase;
using deadline::SourceKind;
using std::chrono::seconds;

const std::vector<SourceKind> wide = {SourceKind::built_in, SourceKind::file, SourceKind::environment};

// No route is known yet, so none counts it; the rest is as everywhere.
void expect_head_timeout(World& world, Client& client, deadline::Instant started, int limit,
                         const std::string& source) {
  const auto due = started + seconds(limit);
  world.run_until(due - deadline::Duration(1));
  EXPECT_EQ(client.end(), Client::End::open);
  EXPECT_TRUE(client.arrivals().empty() || client.arrivals().back().at < started);
  world.run_until(due + tick);
  const auto answer = last_answer(client);
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(answer.complete);
  const std::string message = message_of(Phase::receive, std::to_string(limit));
  EXPECT_EQ(answer.json().at("detail").as_string(), message);
  EXPECT_EQ(answer.json().at("limit_source").as_string(), source);
  EXPECT_EQ(answer.json().at("error").as_object().at("message").as_string(), message);
  ASSERT_EQ(world.records().size(), 1u);
  EXPECT_EQ(world.records()[0].text("outcome"), "timeout");
  EXPECT_EQ(world.records()[0].text("limit"), "receive");
  EXPECT_EQ(world.records()[0].number("status"), 408);
  world.run_for(seconds(3));
  EXPECT_NE(client.end(), Client::End::open) << "the connection is closed";
  EXPECT_EQ(world.metrics().connections_open.value(), 0u);
  expect_quiet(world);
}

class ReceiveHead : public PhaseTest {};

TEST_P(ReceiveHead, HalfAHead) {
  limit(Phase::receive, "receive_head_seconds", 30, 7);
  World world(options);
  Client client(world);
  client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: ga");
  expect_head_timeout(world, client, world.now(), static_cast<int>(expected.limit_seconds), expected.source);
}

TEST_P(ReceiveHead, OneByteAtATime) {
  limit(Phase::receive, "receive_head_seconds", 30, 7);
  World world(options);
  Client client(world);
  const auto started = world.now();
  const auto head = asking.head();
  for (int i = 0; i < 6; ++i) {
    client.send(head.substr(static_cast<std::size_t>(i), 1));
    world.run_for(seconds(1));
  }
  expect_head_timeout(world, client, started, static_cast<int>(expected.limit_seconds), expected.source);
}

// On a kept connection the waiting is not the request's: its clock starts with its first byte.
TEST_P(ReceiveHead, OfTheSecondRequest) {
  limit(Phase::receive, "receive_head_seconds", 30, 7);
  World world(options);
  Client client(world);
  client.send("GET /health HTTP/1.1\r\nHost: gateway\r\n\r\n");
  world.run_for(seconds(50));
  EXPECT_EQ(client.end(), Client::End::open);
  client.send("P");
  expect_head_timeout(world, client, world.now(), static_cast<int>(expected.limit_seconds), expected.source);
}

INSTANTIATE_TEST_SUITE_P(Phases, ReceiveHead,
                         testing::Values(PhaseCase{Route::chat, false, SourceKind::built_in},
                                         PhaseCase{Route::chat, false, SourceKind::file},
                                         PhaseCase{Route::chat, false, SourceKind::environment}),
                         [](const auto& info) { return name_of(info); });

TEST(ReceiveNothing, AConnectionWithoutAWordIsClosedWithoutOne) {
  World world;
  Client client(world);
  world.run_for(seconds(31));
  EXPECT_EQ(client.end(), Client::End::closed);
  EXPECT_TRUE(client.arrivals().empty());
  EXPECT_TRUE(world.records().empty());
}

TEST(ReceiveNothing, AKeptConnectionIsClosedAfterItsIdleTime) {
  World world;
  Client client(world);
  client.send("GET /health HTTP/1.1\r\nHost: gateway\r\n\r\n");
  world.run_for(seconds(74));
  EXPECT_EQ(client.end(), Client::End::open);
  world.run_for(seconds(2));
  EXPECT_EQ(client.end(), Client::End::closed);
  EXPECT_EQ(read_answers(client).size(), 1u);
}

class ReceiveBody : public PhaseTest {};

TEST_P(ReceiveBody, HalfABody) {
  limit(Phase::receive, "receive_seconds", 60, 25);
  expected.status = 408;
  World world(options);
  Client client(world);
  expected.started = world.now();
  const auto text = asking.text();
  client.send(text.substr(0, 40));
  world.run_for(seconds(5));
  client.send(text.substr(40, text.size() - 50));
  expect_timeout(world, client, asking, expected);
  EXPECT_EQ(last_answer(client).header("connection"), "close");
  EXPECT_EQ(world.network().started_requests(), 0u);
  world.run_for(seconds(3));
  EXPECT_EQ(world.metrics().connections_open.value(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Phases, ReceiveBody, testing::ValuesIn(cases_of(wide)),
                         [](const auto& info) { return name_of(info); });

// The request's own limit runs from its head, while its body is still on the way.
TEST(ReceiveWithinTotal, TheRequestsOwnLimitComesFirst) {
  World world;
  Client client(world);
  Asking asking;
  asking.headers = "X-Request-Timeout: 3\r\n";
  client.send(asking.head() + "{");
  ExpectedTimeout expected{Phase::total,        3,           "request X-Request-Timeout",
                           SourceKind::request, world.now(), message_of(Phase::total, "3")};
  expect_timeout(world, client, asking, expected);
}

class Drain : public PhaseTest {
 protected:
  // A client that reads nothing, whose connection holds four kilobytes.
  void expect_drain(std::size_t buffer, std::string_view behaviour) {
    model(behaviour);
    limit(Phase::drain, "drain_seconds", 60, 21);
    expected.delivered = false;
    World world(options);
    Client client(world, {.to_gateway = {}, .to_client = {.capacity_bytes = buffer}});
    client.stop_reading();
    client.send(asking.text());
    expected.started = world.now();
    expect_timeout(world, client, asking, expected);
    client.read_all();
    world.run();
    EXPECT_EQ(client.end(), Client::End::reset) << "a clean end would read as success";
    EXPECT_FALSE(last_answer(client).complete);
    EXPECT_EQ(world.metrics().connections_open.value(), 0u);
  }
};

TEST_P(Drain, AClientThatReadsNothing) {
  expect_drain(4096, "tokens=5000,bytes=300000");
}
TEST_P(Drain, AnAnswerThatIsWholeHere) {
  expect_drain(1024, "tokens=40,bytes=6000");
}

TEST_P(Drain, AClientThatReadsAgainInTime) {
  model("tokens=400,bytes=12000");
  limit(Phase::drain, "drain_seconds", 60, 21);
  World world(options);
  Client client(world, {.to_gateway = {}, .to_client = {.capacity_bytes = 512}});
  // Each time something is accepted the clock starts afresh: it never stands still for the limit.
  client.read_slowly(3000, seconds(20));
  client.send(asking.text());
  world.run_for(seconds(100));
  client.read_all();
  world.run();
  EXPECT_TRUE(last_answer(client).complete);
  EXPECT_EQ(counted(world, asking.route, telemetry::Outcome::success), 1u);
}

INSTANTIATE_TEST_SUITE_P(Phases, Drain, testing::ValuesIn(cases_of(with_default)),
                         [](const auto& info) { return name_of(info); });

}  // namespace
}  // namespace punctual::simulation
