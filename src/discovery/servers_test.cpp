#include "discovery/servers.hpp"

#include <gtest/gtest.h>

#include "net/socket_testing.hpp"

namespace punctual::discovery {
namespace {

// Takes connections and never answers.
class SilentServer : public ::testing::Test {
 protected:
  SilentServer() {
    const auto listen = [this](std::unique_ptr<net::Stream> stream) {
      streams_.push_back(std::move(stream));
    };
    acceptor_ = *net::Acceptor::listen(loop_, *net::parse_listen_address("127.0.0.1:0"), nullptr, listen);
  }
  std::uint16_t port() const { return net::port_of(acceptor_->local()); }

  deadline::SystemClock clock_;
  net::Loop loop_{clock_};
  std::vector<std::unique_ptr<net::Stream>> streams_;
  std::unique_ptr<net::Acceptor> acceptor_;
};

TEST_F(SilentServer, IsWaitedForOnlyAsLongAsSomebodyWantsToKnow) {
  int asked = 0;
  const auto started = clock_.now();
  const auto found = find_servers({port(), port()}, clock_, port_limit, [&] { return ++asked == 3; });
  ASSERT_TRUE(found) << found.error();
  EXPECT_TRUE(found->empty());
  EXPECT_LT(clock_.now() - started, port_limit);
  EXPECT_EQ(asked, 3);
}

TEST_F(SilentServer, ElseUntilItsTimeIsUp) {
  const auto limit = std::chrono::milliseconds(100);
  const auto started = clock_.now();
  const auto found = find_servers({port()}, clock_, limit, [] { return false; });
  ASSERT_TRUE(found) << found.error();
  EXPECT_TRUE(found->empty());
  EXPECT_GE(clock_.now() - started, limit);
}

}  // namespace
}  // namespace punctual::discovery
