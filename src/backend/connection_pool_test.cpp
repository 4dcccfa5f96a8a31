#include "backend/connection_pool.hpp"

#include <gtest/gtest.h>

#include "net/memory_stream.hpp"

namespace punctual::backend {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ConnectionPools : public ::testing::Test {
 protected:
  // A connection that has just brought an answer with these fields; its other end is kept in `far`.
  std::unique_ptr<Connection> used(const std::string& fields = {}) {
    auto pair = net::memory_stream_pair(runtime);
    auto connection = std::make_unique<Connection>();
    connection->stream = std::move(pair.first);
    far.push_back(std::move(pair.second));
    connection->parser.feed_head("HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 0\r\n\r\n");
    EXPECT_TRUE(connection->parser.keep_alive());
    return connection;
  }
  Connection* give(const std::string& fields = {}) {
    auto connection = used(fields);
    auto* const raw = connection.get();
    pool.give_back(here, std::move(connection));
    return raw;
  }
  void advance(deadline::Duration by) {
    clock.advance(by);
    runtime.wheel().advance(clock.now());
  }
  bool closed(std::size_t index) const { return far[index]->peer_closed(); }

  deadline::ManualClock clock;
  net::Runtime runtime{clock};
  std::vector<std::unique_ptr<net::Stream>> far;
  ConnectionPool pool{runtime};
  net::Endpoint here{"here", 80, false, {}, {}};
  net::Endpoint there{"there", 80, false, {}, {}};
};

TEST_F(ConnectionPools, HaveNothingAtFirst) {
  EXPECT_EQ(pool.take(here), nullptr);
}

TEST_F(ConnectionPools, GiveTheLastOneFirst) {
  auto* const first = give();
  auto* const second = give();
  EXPECT_EQ(pool.take(here).get(), second);
  EXPECT_EQ(pool.take(here).get(), first);
  EXPECT_EQ(pool.take(here), nullptr);
}

TEST_F(ConnectionPools, KeepAddressesApart) {
  give();
  EXPECT_EQ(pool.take(there), nullptr);
  net::Endpoint encrypted = here;
  encrypted.tls = true;
  EXPECT_EQ(pool.take(encrypted), nullptr);
  EXPECT_NE(pool.take(here), nullptr);
}

TEST_F(ConnectionPools, GiveConnectionsThatAreReadyForTheNextAnswer) {
  give();
  const auto connection = pool.take(here);
  ASSERT_NE(connection, nullptr);
  EXPECT_EQ(connection->parser.state(), http::ResponseParser::State::head);
  EXPECT_FALSE(connection->parser.started());
}

TEST_F(ConnectionPools, TellNobodyOfWhatHappensToIdleOnes) {
  base::Signals signals(runtime.ready());
  auto connection = used();
  connection->stream->bind(&signals, 1, 2);
  pool.give_back(here, std::move(connection));
  far[0]->close();
  EXPECT_EQ(signals.take(~0U), 0U);
}

TEST_F(ConnectionPools, DropWhatThePeerClosed) {
  auto* const good = give();
  give();
  far[1]->close();
  EXPECT_EQ(pool.take(here).get(), good);
}

TEST_F(ConnectionPools, DropWhatHasBytesNobodyAskedFor) {
  give();
  const std::string_view unasked = "HTTP/1.1 408 Request Timeout\r\n\r\n";
  far[0]->try_write({&unasked, 1});
  EXPECT_EQ(pool.take(here), nullptr);
  EXPECT_TRUE(closed(0));
}

TEST_F(ConnectionPools, KeepIdleOnesForFourSeconds) {
  give();
  advance(milliseconds(3999));
  auto connection = pool.take(here);
  ASSERT_NE(connection, nullptr);
  pool.give_back(here, used());
  advance(seconds(4));
  EXPECT_EQ(pool.take(here), nullptr);
}

struct KeepAlive {
  std::string field;
  int seconds_kept;
};

class KeepAliveFields : public ConnectionPools, public ::testing::WithParamInterface<KeepAlive> {};

TEST_P(KeepAliveFields, SetTheTime) {
  const auto kept = seconds(GetParam().seconds_kept);
  give(GetParam().field);
  give(GetParam().field);
  if (kept > seconds(0)) {
    advance(kept - milliseconds(1));
    EXPECT_NE(pool.take(here), nullptr);
  }
  advance(milliseconds(1));
  EXPECT_EQ(pool.take(here), nullptr);
}

INSTANTIATE_TEST_SUITE_P(All, KeepAliveFields,
                         ::testing::Values(KeepAlive{"Keep-Alive: timeout=10\r\n", 9},
                                           KeepAlive{"keep-alive: max=100, Timeout=2\r\n", 1},
                                           KeepAlive{"Keep-Alive: timeout=1\r\n", 0},
                                           KeepAlive{"Keep-Alive: timeout=0\r\n", 0},
                                           KeepAlive{"Keep-Alive: timeout=86400\r\n", 59},
                                           KeepAlive{"Keep-Alive: max=100\r\n", 4},
                                           KeepAlive{"Keep-Alive: timeout=soon\r\n", 4}));

TEST_F(ConnectionPools, RememberWhatThePeerSaidOnce) {
  give("Keep-Alive: timeout=10\r\n");
  auto connection = pool.take(here);
  ASSERT_NE(connection, nullptr);
  connection->parser.feed_head("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  pool.give_back(here, std::move(connection));
  advance(seconds(8));
  EXPECT_NE(pool.take(here), nullptr);
}

TEST_F(ConnectionPools, CloseOverdueOnesByThemselves) {
  give();
  advance(seconds(4));
  advance(seconds(1));
  EXPECT_TRUE(closed(0));
  EXPECT_EQ(runtime.wheel().next(), std::nullopt);
}

TEST_F(ConnectionPools, SweepOutWhatThePeerClosed) {
  give("Keep-Alive: timeout=60\r\n");
  give("Keep-Alive: timeout=60\r\n");
  far[0]->close();
  advance(milliseconds(501));
  EXPECT_TRUE(closed(0));
  EXPECT_FALSE(closed(1));
}

TEST_F(ConnectionPools, KeepNoMoreThanTheyMay) {
  for (std::size_t i = 0; i <= ConnectionPool::idle_per_endpoint_max; ++i)
    give();
  EXPECT_FALSE(closed(ConnectionPool::idle_per_endpoint_max - 1));
  EXPECT_TRUE(closed(ConnectionPool::idle_per_endpoint_max));
}

TEST_F(ConnectionPools, ClearClosesAll) {
  give();
  give();
  pool.clear();
  EXPECT_TRUE(closed(0));
  EXPECT_TRUE(closed(1));
  EXPECT_EQ(pool.take(here), nullptr);
}

}  // namespace
}  // namespace punctual::backend
