// Client connections and the listener that owns them, around a gateway in memory.
#include "listener/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/loader.hpp"
#include "listener/listener.hpp"
#include "net/memory_stream.hpp"

namespace punctual::listener {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string health = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";

std::string chat(const std::string& model, const std::string& fields = {}) {
  const auto body = R"({"model":")" + model + R"(","messages":[]})";
  return "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class LinesJournal final : public audit::Journal {
 public:
  explicit LinesJournal(std::string& lines) : Journal(-1), lines_(lines) {}
  bool write(std::string lines) override {
    lines_ += lines;
    return true;
  }
  bool enabled() const override { return true; }

 private:
  std::string& lines_;
};

// Every upstream there is; answers when it is told to.
class FakeUpstream final : public net::Network {
 public:
  explicit FakeUpstream(net::Runtime& runtime) : runtime_(runtime) {}
  std::unique_ptr<net::Connecting> connect(const net::Endpoint&, base::Signals&,
                                           base::Signals::Mask) override {
    return std::make_unique<Attempt>(*this);
  }
  // The request that was sent last.
  void answer() {
    const std::string_view text =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"answer\"}";
    far.back()->try_write({&text, 1});
    runtime_.ready().run();
  }
  std::vector<std::unique_ptr<net::Stream>> far;

 private:
  struct Attempt final : net::Connecting {
    explicit Attempt(FakeUpstream& of) : network(of) {}
    Outcome take() override {
      auto pair = net::memory_stream_pair(network.runtime_);
      network.far.push_back(std::move(pair.second));
      return std::move(pair.first);
    }
    FakeUpstream& network;
  };
  net::Runtime& runtime_;
};

class Client {
 public:
  Client(net::Runtime& runtime, std::unique_ptr<net::Stream> stream)
      : runtime_(runtime), stream_(std::move(stream)) {}
  void send(std::string_view text) {
    stream_->try_write({&text, 1});
    runtime_.ready().run();
  }
  // All that came.
  const std::string& raw() {
    std::array<char, 4096> buffer;
    for (;;) {
      const auto result = stream_->try_read(buffer);
      if (result.kind != net::IoResult::Kind::done) return raw_;
      raw_.append(buffer.data(), result.bytes);
      runtime_.ready().run();
    }
  }
  std::size_t answers() {
    constexpr std::string_view field = "\r\nX-Request-ID: ";
    const std::string& text = raw();
    std::size_t count = 0;
    for (auto at = text.find(field); at != std::string::npos; at = text.find(field, at + 1))
      ++count;
    return count;
  }
  bool closed() const { return stream_->peer_closed(); }
  void close() {
    stream_->close();
    runtime_.ready().run();
  }

 private:
  net::Runtime& runtime_;
  std::unique_ptr<net::Stream> stream_;
  std::string raw_;
};

class ListenerTest : public ::testing::Test {
 protected:
  static constexpr std::size_t connections_max = 2;

  static std::shared_ptr<const gateway::Settings> default_settings() {
    const auto configuration = config::load("", "", config::Environment{});
    auto router = routing::Router::build(*configuration);
    return std::make_shared<const gateway::Settings>(gateway::Settings{*configuration, std::move(*router)});
  }
  void TearDown() override {
    for (auto& client : clients)
      client->close();
    listener.end_requests();
    run();
    advance(seconds(3));
    EXPECT_EQ(core.metrics.connections_open.value(), 0U);
    EXPECT_EQ(core.metrics.requests_in_flight.value(), 0U);
  }

  Client& connect() {
    auto pair = net::memory_stream_pair(runtime);
    clients.push_back(std::make_unique<Client>(runtime, std::move(pair.first)));
    listener.accept(std::move(pair.second));
    run();
    return *clients.back();
  }
  void run() { runtime.ready().run(); }
  void advance(deadline::Duration by) {
    clock.advance(by);
    runtime.wheel().advance(clock.now());
    run();
  }

  deadline::ManualClock clock;
  net::Runtime runtime{clock};
  std::string records;
  FakeUpstream upstream{runtime};
  LinesJournal journal{records};
  gateway::Core core{
      {runtime, upstream, upstream, journal, default_settings(), 1, [] { return std::string("metrics\n"); }}};
  Listener listener{core, connections_max};
  std::vector<std::unique_ptr<Client>> clients;
  int ends = 0;
};

class ConnectionTest : public ListenerTest {};

TEST_F(ConnectionTest, AnswersOneRequestAfterTheOther) {
  auto& client = connect();
  client.send(health);
  EXPECT_EQ(client.answers(), 1U);
  client.send(chat("sim-fast"));
  upstream.answer();
  EXPECT_EQ(client.answers(), 2U);
  EXPECT_FALSE(client.closed());
}

TEST_F(ConnectionTest, AnswersRequestsThatWereSentAheadInOrder) {
  auto& client = connect();
  client.send(chat("sim-fast") + health + chat("sim-fast") + health.substr(0, 5));
  EXPECT_EQ(client.answers(), 0U);
  upstream.answer();
  EXPECT_EQ(client.answers(), 2U);
  upstream.answer();
  EXPECT_EQ(client.answers(), 3U);
  EXPECT_LT(client.raw().find("{\"answer\"}"), client.raw().find("\"ok\""));
  client.send(health.substr(5));
  EXPECT_EQ(client.answers(), 4U);
}

TEST_F(ConnectionTest, ReadsARequestByteByByte) {
  auto& client = connect();
  for (const char byte : chat("sim-fast"))
    client.send({&byte, 1});
  upstream.answer();
  EXPECT_THAT(client.raw(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ConnectionTest, ClosesWhenAsked) {
  auto& client = connect();
  client.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.raw(), HasSubstr("Connection: close"));
  EXPECT_TRUE(client.closed());
}

TEST_F(ConnectionTest, ClosesInSilenceWhereNothingWasSent) {
  auto& client = connect();
  advance(seconds(29));
  EXPECT_FALSE(client.closed());
  advance(seconds(2));
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(client.raw(), "");
}

TEST_F(ConnectionTest, AnswersAHeadThatTakesTooLongWith408) {
  auto& client = connect();
  client.send("GET /health HT");
  advance(seconds(31));
  EXPECT_THAT(client.raw(), StartsWith("HTTP/1.1 408"));
  EXPECT_THAT(client.raw(), HasSubstr("Request timed out: request not received after 30 seconds"));
  EXPECT_THAT(client.raw(), HasSubstr("Connection: close"));
}

TEST_F(ConnectionTest, AnswersABodyThatTakesTooLongWith408) {
  auto& client = connect();
  client.send(chat("sim-fast").substr(0, 100));
  advance(seconds(31));
  EXPECT_EQ(client.raw(), "");
  advance(seconds(30));
  EXPECT_THAT(client.raw(), HasSubstr("Request timed out: request not received after 60 seconds"));
  advance(seconds(1));
  EXPECT_THAT(records, HasSubstr(R"("limit":"receive")"));
}

TEST_F(ConnectionTest, HasARequestsOwnLimitInForceWhileTheBodyComes) {
  auto& client = connect();
  const auto request = chat("sim-fast", "X-Request-Timeout: 5\r\n");
  client.send(request.substr(0, request.size() - 5));
  advance(seconds(6));
  EXPECT_THAT(client.raw(), StartsWith("HTTP/1.1 504"));
  EXPECT_THAT(client.raw(), HasSubstr("Request timed out after 5 seconds"));
}

TEST_F(ConnectionTest, WaitsForTheNextRequestAsLongAsKeepAliveSays) {
  auto& client = connect();
  client.send(health);
  advance(seconds(74));
  EXPECT_FALSE(client.closed());
  advance(seconds(2));
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(client.answers(), 1U);
}

TEST_F(ConnectionTest, CountsTheNextHeadFromItsFirstByte) {
  auto& client = connect();
  client.send(health);
  advance(seconds(70));
  client.send("G");
  advance(seconds(29));
  EXPECT_EQ(client.answers(), 1U);
  advance(seconds(2));
  EXPECT_THAT(client.raw(), HasSubstr("HTTP/1.1 408"));
}

TEST_F(ConnectionTest, RefusesGarbageAndLingersUntilTheClientHasRead) {
  auto& client = connect();
  client.send("NONSENSE\r\n\r\nand more");
  EXPECT_THAT(client.raw(), StartsWith("HTTP/1.1 400"));
  EXPECT_FALSE(client.closed());
  client.send("and more");
  EXPECT_EQ(client.answers(), 1U);
  advance(milliseconds(2001));
  EXPECT_TRUE(client.closed());
}

TEST_F(ConnectionTest, LingersNoLongerThanTheClientIsThere) {
  auto& client = connect();
  client.send("NONSENSE\r\n\r\n");
  EXPECT_EQ(core.metrics.connections_open.value(), 1U);
  client.close();
  EXPECT_EQ(core.metrics.connections_open.value(), 0U);
}

TEST_F(ConnectionTest, CancelsWhenTheClientLeaves) {
  auto& client = connect();
  client.send(chat("sim-fast"));
  EXPECT_EQ(core.metrics.requests_in_flight.value(), 1U);
  client.close();
  EXPECT_EQ(core.metrics.requests_in_flight.value(), 0U);
  EXPECT_TRUE(upstream.far.back()->peer_closed());
  advance(seconds(1));
  EXPECT_THAT(records, HasSubstr(R"("outcome":"cancelled","ended_by":"client")"));
}

TEST_F(ConnectionTest, AsksForTheBodyThatIsExpected) {
  auto& client = connect();
  const auto request = chat("sim-fast", "Expect: 100-continue\r\n");
  const auto body = request.find("\r\n\r\n") + 4;
  client.send(request.substr(0, body));
  EXPECT_EQ(client.raw(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(request.substr(body));
  upstream.answer();
  EXPECT_THAT(client.raw(), HasSubstr("HTTP/1.1 200 OK"));
}

TEST_F(ConnectionTest, UsesTheClientsRequestIdIfItIsASaneOne) {
  auto& client = connect();
  client.send("GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: mine-1\r\n\r\n");
  EXPECT_THAT(client.raw(), HasSubstr("X-Request-ID: mine-1\r\n"));
  client.send("GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: not <sane>\r\n\r\n");
  EXPECT_THAT(client.raw(), Not(HasSubstr("sane")));
  EXPECT_THAT(client.raw(), HasSubstr("X-Request-ID: req_"));
}

TEST_F(ListenerTest, RefusesConnectionsAboveTheLimitInWords) {
  auto& first = connect();
  connect();
  auto& third = connect();
  EXPECT_THAT(third.raw(), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(third.raw(), HasSubstr("Retry-After: 1\r\n"));
  EXPECT_TRUE(third.closed());
  EXPECT_EQ(core.metrics.connections_refused.value(), 1U);
  first.close();
  auto& fourth = connect();
  fourth.send(health);
  EXPECT_THAT(fourth.raw(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ListenerTest, DrainsAtOnceWhereNothingIsOpen) {
  listener.drain(std::nullopt, [this] { ++ends; });
  EXPECT_EQ(ends, 1);
}

TEST_F(ListenerTest, DrainClosesIdleConnectionsAtOnce) {
  auto& fresh = connect();
  auto& used = connect();
  used.send(health);
  listener.drain(std::nullopt, [this] { ++ends; });
  run();
  EXPECT_TRUE(fresh.closed());
  EXPECT_TRUE(used.closed());
  EXPECT_EQ(fresh.raw(), "");
  EXPECT_EQ(ends, 1);
}

TEST_F(ListenerTest, DrainLetsRunningRequestsEnd) {
  auto& client = connect();
  client.send(chat("sim-slow"));
  listener.drain(seconds(60), [this] { ++ends; });
  run();
  EXPECT_EQ(ends, 0);
  advance(seconds(5));
  upstream.answer();
  EXPECT_THAT(client.raw(), StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(ends, 1);
  advance(seconds(60));
  EXPECT_EQ(ends, 1);
}

TEST_F(ListenerTest, DrainEndsRequestsAtItsLimit) {
  auto& client = connect();
  client.send(chat("sim-fast"));
  listener.drain(seconds(60), [this] { ++ends; });
  advance(seconds(59));
  EXPECT_EQ(client.raw(), "");
  advance(seconds(2));
  EXPECT_THAT(client.raw(), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(client.raw(), HasSubstr("shutting down"));
  EXPECT_EQ(ends, 1);
  EXPECT_TRUE(upstream.far.back()->peer_closed());
}

TEST_F(ListenerTest, DrainGivesUpARequestThatIsStillReceivedAtItsLimit) {
  auto& client = connect();
  client.send(chat("sim-fast").substr(0, 100));
  listener.drain(seconds(5), [this] { ++ends; });
  advance(seconds(6));
  EXPECT_THAT(client.raw(), StartsWith("HTTP/1.1 503"));
  advance(milliseconds(2001));
  EXPECT_EQ(ends, 1);
}

TEST_F(ListenerTest, WhileDrainingRefusesWhatIsNew) {
  auto& client = connect();
  const auto request = chat("sim-fast");
  client.send(request.substr(0, 100));
  listener.drain(std::nullopt, [this] { ++ends; });
  run();
  EXPECT_FALSE(client.closed());
  auto& late = connect();
  EXPECT_THAT(late.raw(), StartsWith("HTTP/1.1 503"));
  client.send(request.substr(100));
  EXPECT_THAT(client.raw(), StartsWith("HTTP/1.1 503"));
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(ends, 1);
}

TEST_F(ListenerTest, EndsRequestsWhenTold) {
  auto& client = connect();
  client.send(chat("sim-fast"));
  listener.drain(std::nullopt, [this] { ++ends; });
  listener.end_requests();
  run();
  EXPECT_THAT(client.raw(), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(ends, 1);
}

}  // namespace
}  // namespace punctual::listener
