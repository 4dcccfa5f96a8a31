#include "net/connector.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <latch>
#include <string>
#include <vector>

#include "net/socket_testing.hpp"

namespace punctual::net {
namespace {

Endpoint endpoint_at(std::string host, std::uint16_t port, bool tls = false, std::string unix_path = "") {
  Endpoint endpoint;
  endpoint.host = std::move(host);
  endpoint.port = port;
  endpoint.tls = tls;
  endpoint.unix_path = std::move(unix_path);
  return endpoint;
}

class Connectors : public ::testing::Test {
 protected:
  std::unique_ptr<Acceptor> listen(const std::string& where) {
    return std::move(
        *Acceptor::listen(loop, *parse_listen_address(where), nullptr,
                          [this](std::unique_ptr<Stream> stream) { accepted.push_back(std::move(stream)); }));
  }
  // The outcome of connecting with `by`; empty when none came.
  Connecting::Outcome connect(Connector& by, const Endpoint& endpoint) {
    const auto connecting = by.connect(endpoint, signals, 1);
    Connecting::Outcome outcome;
    run_until(loop, [&] {
      if (signals.take(1)) outcome = connecting->take();
      return outcome.has_value();
    });
    EXPECT_FALSE(connecting->take().has_value()) << "a second outcome";
    return outcome;
  }
  Connecting::Outcome connect(const Endpoint& endpoint) { return connect(connector, endpoint); }

  static std::vector<Address> addresses(std::initializer_list<const char*> hosts) {
    std::vector<Address> result;
    for (const char* host : hosts)
      result.push_back(*literal_address(host, 0));
    return result;
  }
  // A port of 127.0.0.1 on which nobody listens.
  std::uint16_t closed_port() { return port_of(listen("127.0.0.1:0")->local()); }

  deadline::SystemClock clock;
  Loop loop{clock};
  base::Signals signals{loop.runtime().ready()};
  std::unique_ptr<TlsContext> tls = std::move(*TlsContext::client(""));
  Resolver resolver;
  Connector connector{loop, resolver, *tls};
  std::vector<std::unique_ptr<Stream>> accepted;
};

TEST_F(Connectors, ConnectToALiteralAddress) {
  const auto acceptor = listen("127.0.0.1:0");
  auto outcome = connect(endpoint_at("127.0.0.1", port_of(acceptor->local())));
  ASSERT_TRUE(outcome && *outcome);
  ASSERT_TRUE(run_until(loop, [this] { return !accepted.empty(); }));
  auto& stream = **outcome;
  EXPECT_EQ(write_text(*stream, "hi").bytes, 2U);
  ASSERT_TRUE(run_until(loop, [this] { return accepted[0]->readable(); }));
  std::array<char, 8> buffer{};
  EXPECT_EQ(accepted[0]->try_read(buffer).bytes, 2U);
}

TEST_F(Connectors, ConnectToTheLocalHostByName) {
  const auto acceptor = listen("127.0.0.1:0");
  const auto outcome = connect(endpoint_at("localhost", port_of(acceptor->local())));
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->has_value()) << outcome->error().detail;
}

TEST_F(Connectors, ConnectToAUnixSocket) {
  const std::string path = ::testing::TempDir() + "punctual-connector-" + std::to_string(::getpid());
  const auto acceptor = listen("unix:" + path);
  const auto outcome = connect(endpoint_at("ignored", 1, false, path));
  ASSERT_TRUE(outcome && outcome->has_value());
  EXPECT_EQ((**outcome)->peer(), "unix");
}

TEST_F(Connectors, RefusalNamesTheAddress) {
  const auto port = closed_port();
  const auto outcome = connect(endpoint_at("127.0.0.1", port));
  ASSERT_TRUE(outcome && !outcome->has_value());
  EXPECT_EQ(outcome->error().kind, ConnectErrorKind::refused);
  EXPECT_EQ(outcome->error().detail, "127.0.0.1:" + std::to_string(port) + " refused the connection");
}

TEST_F(Connectors, MissingUnixSocketIsARefusal) {
  const auto outcome = connect(endpoint_at("", 0, false, "/nonexistent/socket"));
  ASSERT_TRUE(outcome && !outcome->has_value());
  EXPECT_EQ(outcome->error().kind, ConnectErrorKind::refused);
  EXPECT_EQ(outcome->error().detail, "unix:/nonexistent/socket refused the connection");
}

TEST_F(Connectors, UnixPathTooLongIsNoAddress) {
  const auto outcome = connect(endpoint_at("", 0, false, std::string(200, 'x')));
  ASSERT_TRUE(outcome && !outcome->has_value());
  EXPECT_EQ(outcome->error().kind, ConnectErrorKind::unreachable);
}

TEST_F(Connectors, UnresolvedNameSaysSo) {
  Resolver nobody([](const std::string&) -> Resolver::Answer { return std::unexpected("no such name"); });
  Connector by(loop, nobody, *tls);
  const auto outcome = connect(by, endpoint_at("nowhere.invalid", 80));
  ASSERT_TRUE(outcome && !outcome->has_value());
  EXPECT_EQ(outcome->error().kind, ConnectErrorKind::unresolved);
  EXPECT_EQ(outcome->error().detail, "cannot resolve nowhere.invalid (no such name)");
}

TEST_F(Connectors, TryTheNextAddressAfterARefusal) {
  const auto acceptor = listen("127.0.0.1:0");
  Resolver two([](const std::string&) { return addresses({"127.0.0.2", "127.0.0.3", "::1", "127.0.0.1"}); });
  Connector by(loop, two, *tls);
  const auto outcome = connect(by, endpoint_at("several", port_of(acceptor->local())));
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(outcome->has_value()) << outcome->error().detail;
  EXPECT_EQ((**outcome)->peer(), acceptor->local());
}

TEST_F(Connectors, AllAddressesRefusedIsOneRefusal) {
  const auto port = closed_port();
  Resolver two([](const std::string&) { return addresses({"127.0.0.1", "::1", "127.0.0.2"}); });
  Connector by(loop, two, *tls);
  const auto outcome = connect(by, endpoint_at("several", port));
  ASSERT_TRUE(outcome && !outcome->has_value());
  EXPECT_EQ(outcome->error().kind, ConnectErrorKind::refused);
  // Nothing is left that could raise later.
  run_until(loop, [this] { return signals.take(1) != 0; }, std::chrono::milliseconds(300));
  EXPECT_EQ(signals.take(1), 0U);
}

TEST_F(Connectors, GivingUpWhileTheNameIsLookedUpIsHarmless) {
  std::latch release(1);
  std::latch answered(1);
  {
    Resolver slow([&release](const std::string&) {
      release.wait();
      return addresses({"127.0.0.1"});
    });
    Connector by(loop, slow, *tls);
    auto connecting = by.connect(endpoint_at("slow", 1), signals, 1);
    slow.resolve("slow", [&answered](const Resolver::Answer&) { answered.count_down(); });
    connecting.reset();
    release.count_down();
    answered.wait();
  }
  loop.post([] {});
  loop.run_once();
  EXPECT_EQ(signals.take(1), 0U);
}

TEST_F(Connectors, GivingUpWhileConnectingIsHarmless) {
  const auto acceptor = listen("127.0.0.1:0");
  auto connecting = connector.connect(endpoint_at("127.0.0.1", port_of(acceptor->local())), signals, 1);
  connecting.reset();
  loop.post([] {});
  loop.run_once();
  EXPECT_EQ(signals.take(1), 0U);
}

TEST_F(Connectors, EndpointsHaveOneText) {
  EXPECT_EQ((endpoint_at("api.example.com", 443, true, "")).text(), "api.example.com:443");
  EXPECT_EQ((endpoint_at("::1", 8080)).text(), "[::1]:8080");
  EXPECT_EQ((endpoint_at("ignored", 1, false, "/run/s")).text(), "unix:/run/s");
}

}  // namespace
}  // namespace punctual::net
