#include "backend/call.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "net/memory_stream.hpp"

namespace punctual::backend {
namespace {

namespace bits = deadline::bits;
using deadline::Interruption;
using deadline::Phase;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

// Connects at once to memory, refuses, or never answers; the other ends are in `far`.
class FakeNetwork final : public net::Network {
 public:
  enum class Way : std::uint8_t { connect, refuse, hang };

  explicit FakeNetwork(net::Runtime& runtime) : runtime_(runtime) {}

  std::unique_ptr<net::Connecting> connect(const net::Endpoint&, base::Signals&,
                                           base::Signals::Mask) override {
    ++attempts;
    return std::make_unique<Attempt>(*this);
  }

  Way way = Way::connect;
  int attempts = 0;
  net::MemoryStreamOptions to_upstream;
  std::vector<std::unique_ptr<net::Stream>> far;

 private:
  struct Attempt final : net::Connecting {
    explicit Attempt(FakeNetwork& of) : network(of) {}
    Outcome take() override {
      if (network.way == Way::hang) return std::nullopt;
      if (network.way == Way::refuse) {
        return std::unexpected(
            net::ConnectError{net::ConnectErrorKind::refused, "127.0.0.1:9 refused the connection"});
      }
      auto pair = net::memory_stream_pair(network.runtime_, network.to_upstream);
      network.far.push_back(std::move(pair.second));
      return std::move(pair.first);
    }
    FakeNetwork& network;
  };

  net::Runtime& runtime_;
};

class Calls : public ::testing::Test, protected deadline::WatchHooks {
 protected:
  using Result = std::expected<void, Failure>;

  Calls() {
    provider.base_url = *config::parse_url("http://127.0.0.1:9/v1");
    provider.api_key = config::Secret("sk-secret");
    client_head.headers.add("Authorization", "Bearer sk-secret");
    request.provider = &provider;
    request.path = "/chat/completions";
    request.client_head = &client_head;
    request.body_bytes = 4;
    deadline::Limits limits;
    for (const Phase phase : {Phase::connect, Phase::first_token, Phase::attempt})
      limits[phase] = {seconds(10), {}};
    watch.begin(limits);
  }
  void TearDown() override {
    if (!opening) return;
    watch.signals().raise(bits::stop);
    runtime.ready().run();
  }

  bool client_gone() override { return gone; }
  void heartbeat(deadline::Instant) override {}

  static base::Task<void> run_open(Calls& self) {
    const std::span<const std::string_view> body = self.body;
    auto result = co_await self.call->open(self.request, body);
    self.opened = std::move(result);
    self.opening = false;
  }
  void open() {
    call.emplace(services, watch);
    opened.reset();
    opening = true;
    watch.start(Phase::attempt);
    base::spawn(run_open(*this));
  }
  void run() { runtime.ready().run(); }
  void advance(deadline::Duration by) {
    clock.advance(by);
    runtime.wheel().advance(clock.now());
    run();
  }
  void raise(base::Signals::Mask mask) {
    watch.signals().raise(mask);
    run();
  }
  void answer(std::size_t index, std::string_view text) {
    network.far[index]->try_write({&text, 1});
    run();
  }
  void close(std::size_t index) {
    network.far[index]->close();
    run();
  }
  std::string sent(std::size_t index) {
    std::string all;
    std::array<char, 4096> buffer;
    for (;;) {
      const auto result = network.far[index]->try_read(buffer);
      if (result.kind != net::IoResult::Kind::done) return all;
      all.append(buffer.data(), result.bytes);
      run();
    }
  }
  bool cut(std::size_t index) const { return network.far[index]->peer_closed(); }
  FailureKind failure() const { return opened->error().kind; }

  // Everything of the body that can be read now.
  std::string read_all() {
    std::string all;
    http::BodyPieces pieces;
    std::string_view raw;
    do {
      step = call->read(pieces, raw);
      for (const auto piece : pieces.content)
        all.append(piece);
    } while (step == Call::Step::data);
    return all;
  }
  // Leaves a connection in the pool.
  void use_once() {
    open();
    answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    read_all();
    call->finish();
    call.reset();
    sent(0);
  }

  deadline::ManualClock clock;
  net::Runtime runtime{clock};
  FakeNetwork network{runtime};
  FakeNetwork simulated{runtime};
  ConnectionPool pool{runtime};
  telemetry::Metrics metrics;
  Services services{runtime, network, simulated, pool, metrics};
  deadline::Watch watch{clock, runtime.wheel(), runtime.ready(), *this};
  config::Provider provider;
  http::RequestHead client_head;
  UpstreamRequest request;
  std::array<std::string_view, 3> body = {"bo", "", "dy"};
  std::optional<Call> call;
  std::optional<Result> opened;
  Call::Step step = Call::Step::blocked;
  bool opening = false;
  bool gone = false;
};

TEST_F(Calls, SendTheRequestAndReadTheAnswer) {
  open();
  EXPECT_FALSE(opened);
  EXPECT_TRUE(sent(0).ends_with("Content-Length: 4\r\n\r\nbody"));
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  ASSERT_TRUE(opened && *opened);
  EXPECT_EQ(call->head().status, 200);
  EXPECT_TRUE(call->head_received());
  EXPECT_EQ(read_all(), "hi");
  EXPECT_EQ(step, Call::Step::complete);
  EXPECT_EQ(call->connect_duration(), seconds(0));
}

TEST_F(Calls, OfTheSimulatedProviderUseItsOwnNetwork) {
  provider.kind = config::ProviderKind::simulated;
  open();
  EXPECT_EQ(simulated.attempts, 1);
  EXPECT_EQ(network.attempts, 0);
}

// Such as 413 to a body that is too large: it does not read on, and what it says counts.
TEST_F(Calls, HearAnUpstreamThatAnswersBeforeItHasTheWholeRequest) {
  network.to_upstream.capacity_bytes = 1024;
  const std::string large(4096, 'x');
  body = {large, "", ""};
  request.body_bytes = large.size();
  open();
  EXPECT_FALSE(opened);
  answer(0, "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 4\r\n\r\nmuch");
  ASSERT_TRUE(opened && *opened);
  EXPECT_EQ(call->head().status, 413);
  EXPECT_EQ(read_all(), "much");
  call->finish();
  EXPECT_TRUE(cut(0)) << "a connection with half a request on it is not used again";
}

TEST_F(Calls, WaitForAHeadThatComesInPieces) {
  open();
  for (const char byte : std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")) {
    EXPECT_FALSE(opened);
    answer(0, {&byte, 1});
  }
  ASSERT_TRUE(opened && *opened);
  EXPECT_EQ(read_all(), "");
  EXPECT_EQ(step, Call::Step::blocked);
  answer(0, "hi");
  EXPECT_EQ(read_all(), "hi");
}

TEST_F(Calls, ToNobodyAreUnreachable) {
  network.way = FakeNetwork::Way::refuse;
  open();
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::unreachable);
  EXPECT_EQ(opened->error().detail, "127.0.0.1:9 refused the connection");
  EXPECT_FALSE(watch.deadline().running(Phase::connect));
}

TEST_F(Calls, HaveTheConnectLimit) {
  network.way = FakeNetwork::Way::hang;
  open();
  watch.stop(Phase::attempt);
  advance(seconds(11));
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::interrupted);
  EXPECT_EQ(watch.expiry().phase, Phase::connect);
}

TEST_F(Calls, GiveUpConnectingWhenTheClientLeaves) {
  network.way = FakeNetwork::Way::hang;
  open();
  gone = true;
  raise(bits::client_readable);
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::interrupted);
  EXPECT_EQ(watch.interruption(), Interruption::client_gone);
}

TEST_F(Calls, SendInPartsWhenTheUpstreamReadsSlowly) {
  network.to_upstream.capacity_bytes = 5;
  open();
  EXPECT_FALSE(watch.deadline().running(Phase::first_token));
  EXPECT_TRUE(sent(0).ends_with("Content-Length: 4\r\n\r\nbody"));
  EXPECT_TRUE(watch.deadline().running(Phase::first_token));
}

TEST_F(Calls, InterruptedWhileSendingCloseTheConnection) {
  network.to_upstream.capacity_bytes = 5;
  open();
  raise(bits::stop);
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::interrupted);
  EXPECT_TRUE(cut(0));
}

TEST_F(Calls, InterruptedWhileWaitingForTheHeadCloseTheConnection) {
  open();
  watch.stop(Phase::attempt);
  advance(seconds(11));
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::interrupted);
  EXPECT_EQ(watch.expiry().phase, Phase::first_token);
  EXPECT_FALSE(call->head_received());
  EXPECT_TRUE(cut(0));
}

TEST_F(Calls, ThatNobodyFinishesCloseTheConnection) {
  open();
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh");
  EXPECT_FALSE(cut(0));
  call.reset();
  EXPECT_TRUE(cut(0));
  EXPECT_FALSE(watch.deadline().running(Phase::attempt));
}

TEST_F(Calls, AnsweredWithGarbageSaySo) {
  open();
  answer(0, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::garbage);
  EXPECT_THAT(opened->error().detail, HasSubstr("127.0.0.1:9 did not answer in HTTP/1.1"));
  EXPECT_TRUE(cut(0));
}

TEST_F(Calls, ClosedBeforeTheAnswerAreBroken) {
  open();
  close(0);
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::broken);
  EXPECT_EQ(opened->error().detail, "127.0.0.1:9 closed the connection before it answered");
  EXPECT_EQ(network.attempts, 1);
}

TEST_F(Calls, ResetBeforeTheAnswerAreBroken) {
  open();
  network.far[0]->abort();
  run();
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::broken);
  EXPECT_THAT(opened->error().detail, HasSubstr("127.0.0.1:9 broke the connection"));
}

TEST_F(Calls, CutInTheBodyAreBroken) {
  open();
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi");
  close(0);
  EXPECT_EQ(read_all(), "hi");
  EXPECT_EQ(step, Call::Step::failed);
  EXPECT_EQ(call->failure().kind, FailureKind::broken);
  EXPECT_THAT(call->failure().detail, HasSubstr("127.0.0.1:9: "));
}

TEST_F(Calls, WithMalformedChunksAreGarbage) {
  open();
  answer(0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
  read_all();
  EXPECT_EQ(step, Call::Step::failed);
  EXPECT_EQ(call->failure().kind, FailureKind::garbage);
}

TEST_F(Calls, WithoutALengthEndWithTheConnection) {
  open();
  answer(0, "HTTP/1.1 200 OK\r\n\r\nhi");
  EXPECT_EQ(read_all(), "hi");
  EXPECT_EQ(step, Call::Step::blocked);
  close(0);
  read_all();
  EXPECT_EQ(step, Call::Step::complete);
}

TEST_F(Calls, ReuseTheConnection) {
  use_once();
  EXPECT_FALSE(cut(0));
  open();
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(opened && *opened);
  EXPECT_TRUE(call->reused());
  EXPECT_EQ(call->connect_duration(), std::nullopt);
  EXPECT_EQ(network.attempts, 1);
  EXPECT_EQ(metrics.upstream_connections_opened.value(), 1U);
  EXPECT_EQ(metrics.upstream_connections_reused.value(), 1U);
}

TEST_F(Calls, ReplaceAKeptConnectionThatWentStale) {
  use_once();
  open();
  EXPECT_THAT(sent(0), HasSubstr("body"));
  close(0);
  ASSERT_EQ(network.attempts, 2);
  EXPECT_TRUE(sent(1).ends_with("\r\n\r\nbody"));
  answer(1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(opened && *opened);
  EXPECT_FALSE(call->reused());
  EXPECT_EQ(metrics.attempts.value(), 2U);
}

TEST_F(Calls, StillHaveTheirLimitOnTheNewConnection) {
  use_once();
  open();
  close(0);
  ASSERT_EQ(network.attempts, 2);
  EXPECT_TRUE(watch.deadline().running(Phase::attempt));
  advance(seconds(11));
  EXPECT_TRUE(opened);
}

TEST_F(Calls, ReplaceAKeptConnectionOnlyOnce) {
  use_once();
  open();
  close(0);
  close(1);
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::broken);
  EXPECT_EQ(network.attempts, 2);
}

TEST_F(Calls, DoNotReplaceItOnceTheAnswerHasBegun) {
  use_once();
  open();
  answer(0, "H");
  close(0);
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::broken);
  EXPECT_EQ(network.attempts, 1);
}

TEST_F(Calls, DoNotReplaceItAfterAnInterruption) {
  use_once();
  open();
  raise(bits::stop);
  ASSERT_TRUE(opened);
  EXPECT_EQ(failure(), FailureKind::interrupted);
  EXPECT_EQ(network.attempts, 1);
}

class UnusableAnswers : public Calls, public ::testing::WithParamInterface<std::string_view> {};

TEST_P(UnusableAnswers, LeaveNoConnectionBehind) {
  open();
  answer(0, GetParam());
  ASSERT_TRUE(opened && *opened);
  read_all();
  EXPECT_EQ(step, Call::Step::complete);
  call->finish();
  EXPECT_TRUE(cut(0));
  EXPECT_EQ(pool.take(endpoint_of(provider)), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    All, UnusableAnswers,
    ::testing::Values("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
                      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                      // More than was asked for: whose answer would the next one be?
                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nrest"));

TEST_F(Calls, WithBytesBehindTheAnswerLeaveNoConnectionBehind) {
  open();
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  read_all();
  answer(0, "unasked");
  call->finish();
  EXPECT_TRUE(cut(0));
}

TEST_F(Calls, StopTheClocksOfTheUpstreamAtTheirEnd) {
  open();
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  read_all();
  call->finish();
  EXPECT_FALSE(watch.deadline().running(Phase::attempt));
  EXPECT_FALSE(watch.deadline().running(Phase::first_token));
}

TEST_F(Calls, TellNoSecretsWhenTheyFail) {
  std::vector<std::string> details;
  for (const auto way : {FakeNetwork::Way::refuse, FakeNetwork::Way::connect}) {
    network.way = way;
    open();
    if (!network.far.empty()) answer(0, sent(0));  // an echo of the request is garbage
    ASSERT_TRUE(opened && !*opened);
    details.push_back(opened->error().detail);
  }
  EXPECT_THAT(details, ::testing::Each(Not(HasSubstr("sk-secret"))));
  EXPECT_THAT(details, ::testing::Each(Not(HasSubstr("Authorization"))));
}

TEST(EndpointOf, IsWhereTheProviderIs) {
  config::Provider provider;
  provider.base_url = *config::parse_url("https://api.example.com/v1");
  provider.ca_file = "/ca.pem";
  EXPECT_EQ(endpoint_of(provider), (net::Endpoint{"api.example.com", 443, true, {}, "/ca.pem"}));
  provider.ca_file.clear();
  provider.base_url = *config::parse_url("unix:/run/engine.sock");
  EXPECT_EQ(endpoint_of(provider).unix_path, "/run/engine.sock");
  provider.kind = config::ProviderKind::simulated;
  provider.name = "sim";
  EXPECT_EQ(endpoint_of(provider).host, "sim");
}

}  // namespace
}  // namespace punctual::backend
