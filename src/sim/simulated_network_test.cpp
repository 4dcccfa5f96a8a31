#include "sim/simulated_network.hpp"

#include <gtest/gtest.h>

#include "sim/test_client.hpp"

namespace punctual::sim {

namespace {

TEST(SimulatedNetwork, ConnectsToASimulator) {
  deadline::ManualClock clock;
  net::Runtime runtime(clock);
  Counters counters;
  Simulator simulator(runtime, counters);
  SimulatedNetwork network(runtime, simulator);
  base::Signals signals(runtime.ready());
  auto connecting = network.connect(net::Endpoint(), signals, 4);
  EXPECT_EQ(signals.take(4), 4u);
  auto outcome = connecting->take();
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_FALSE(connecting->take());
  auto stream = std::move(**outcome);
  const std::string_view request = "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n";
  (void)stream->try_write({&request, 1});
  runtime.ready().run();
  char bytes[4096];
  const auto got = stream->try_read(bytes);
  EXPECT_EQ(times({bytes, got.bytes}, "sim-fast"), 1u);
  EXPECT_EQ(simulator.open(), 1u);
  stream.reset();
  runtime.ready().run();
  EXPECT_EQ(simulator.open(), 0u);
}

TEST(SimulatedNetwork, AConnectionGivenUpIsClosed) {
  deadline::ManualClock clock;
  net::Runtime runtime(clock);
  Counters counters;
  Simulator simulator(runtime, counters);
  SimulatedNetwork network(runtime, simulator);
  base::Signals signals(runtime.ready());
  network.connect({}, signals, 1).reset();
  runtime.ready().run();
  EXPECT_EQ(simulator.open(), 0u);
}

}  // namespace

}  // namespace punctual::sim
