// The stalls that a probe asks for: silent for exactly as long as they should be, and ended by whoever ends
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/stall_answer.hpp"
#include "sim/client.hpp"
#include "sim/expectation.hpp"
#include "sim/reading.hpp"
#include "sim/world.hpp"

namespace punctual::simulation {
namespace {

using probe::StallKind;
using probe::StallState;
using std::chrono::milliseconds;
using std::chrono::seconds;

class StallTest : public testing::Test, private gateway::Management {
 protected:
  StallTest() {
    world.core().management = this;
    world.core().post = [](std::move_only_function<void()> work) { work(); };
    client = std::make_unique<Client>(world);
  }
  ~StallTest() override {
    client.reset();
    world.run();
  }

  void ask(StallKind kind, deadline::Duration duration) {
    asked = {"run", kind, duration};
    started = world.now();
    client->send("POST /v1/probes HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    world.run();
  }
  probe::SeenStall seen() const { return book.of_run("run", "peer").at(0); }
  // When what came came, since it was asked for.
  std::vector<deadline::Duration> arrivals() const {
    std::vector<deadline::Duration> times;
    times.reserve(client->arrivals().size());
    for (const auto& arrival : client->arrivals())
      times.push_back(arrival.at - started);
    return times;
  }

  World world;
  probe::Book book{world.runtime().clock()};
  probe::StallRequest asked;
  deadline::Instant started;
  std::unique_ptr<Client> client;

 private:
  bool owns(std::string_view path) const override { return path == "/v1/probes"; }
  std::size_t body_bytes_max(std::string_view) const override { return 1 << 20; }
  void answer(gateway::ManagementRequest, std::function<void(gateway::ManagementAnswer)> done) override {
    gateway::ManagementAnswer answer;
    answer.headers = {{"Content-Type", "text/event-stream"}};
    answer.live = std::make_shared<probe::StallAnswer>(*book.begin(asked, "peer"), asked, seconds(15));
    done(std::move(answer));
  }
  void pull(std::shared_ptr<gateway::ManagementStream>, deadline::Instant, Pulled) override {}
};

TEST_F(StallTest, AnAnswerIsSilentToItsEnd) {
  ask(StallKind::silent_answer, seconds(310));
  world.run_for(milliseconds(309'990));
  EXPECT_TRUE(client->arrivals().empty());
  world.run_for(seconds(1));
  EXPECT_THAT(client->raw(), testing::EndsWith("\r\n\r\n{\"probe\":\"whole\"}"));
  EXPECT_THAT(client->raw(), testing::HasSubstr("Content-Length: 17\r\n"));
  EXPECT_EQ(client->end(), Client::End::closed);
  EXPECT_EQ(seen().state, StallState::whole);
  EXPECT_GE(seen().lasted, seconds(310));
  EXPECT_LT(seen().lasted, seconds(310) + milliseconds(10));
  expect_quiet(world);
}

TEST_F(StallTest, AStreamSaysOneThingAndFallsSilent) {
  ask(StallKind::silent_stream, seconds(100));
  ASSERT_EQ(client->arrivals().size(), 1u);
  EXPECT_THAT(client->raw(), testing::HasSubstr(R"(data: {"event":0,"milliseconds":0})"));
  world.run_for(seconds(99));
  EXPECT_EQ(client->arrivals().size(), 1u);
  world.run_for(seconds(2));
  EXPECT_THAT(client->raw(), testing::HasSubstr(R"(data: {"probe":"whole"})"));
  EXPECT_TRUE(last_answer(*client).complete);
  EXPECT_EQ(seen().state, StallState::whole);
  expect_quiet(world);
}

TEST_F(StallTest, HeartbeatsComeAtTheirTime) {
  ask(StallKind::beating_stream, seconds(50));
  world.run_for(seconds(60));
  const auto times = arrivals();
  ASSERT_GE(times.size(), 5u);
  for (int i = 0; i < 4; ++i) {
    EXPECT_GE(times[static_cast<std::size_t>(i)], i * seconds(15));
    EXPECT_LT(times[static_cast<std::size_t>(i)], i * seconds(15) + milliseconds(20));
  }
  EXPECT_THAT(client->raw(), testing::HasSubstr(": keep-alive\n\n"));
  expect_quiet(world);
}

TEST_F(StallTest, ATrickleComesEventByEvent) {
  ask(StallKind::trickle, seconds(2));
  world.run_for(seconds(3));
  EXPECT_EQ(arrivals().size(), 21u);
  EXPECT_TRUE(last_answer(*client).complete);
  expect_quiet(world);
}

TEST_F(StallTest, EndsWithItsClientAndSaysWhen) {
  for (const auto kind : {StallKind::silent_answer, StallKind::silent_stream, StallKind::beating_stream}) {
    ask(kind, seconds(300));
    world.run_for(seconds(61));
    client->hang_up();
    world.run();
    const auto all = book.of_run("run", "peer");
    EXPECT_EQ(all.back().state, StallState::hung_up);
    EXPECT_EQ(all.back().lasted, seconds(61));
    expect_quiet(world);
    client = std::make_unique<Client>(world);
  }
}

TEST_F(StallTest, DoesNotHoldUpTheEndOfTheProcess) {
  ask(StallKind::silent_answer, seconds(300));
  world.run_for(seconds(10));
  world.core().draining = true;
  world.run_for(seconds(2));
  EXPECT_EQ(seen().state, StallState::stopped);
  EXPECT_EQ(client->end(), Client::End::reset) << "nothing of it may be taken for an answer";
  expect_quiet(world);
}

TEST_F(StallTest, EndsWhereNobodyReads) {
  client->stop_reading();
  ask(StallKind::beating_stream, seconds(900));
  world.run_for(seconds(900));
  // The heartbeats are small: a client that reads nothing is still there.
  EXPECT_EQ(book.of_run("run", "peer").size(), 1u);
  client->hang_up();
  world.run_for(seconds(2));
  expect_quiet(world);
}

}  // namespace
}  // namespace punctual::simulation
