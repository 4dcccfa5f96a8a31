// The relays of events and of documents, between an upstream and a client in memory.
#include "relay/relay.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "http/bounds.hpp"
#include "http/sse.hpp"
#include "net/memory_stream.hpp"

namespace punctual::relay {
namespace {

namespace bits = deadline::bits;
using deadline::Interruption;
using deadline::Phase;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view role = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
constexpr std::string_view token = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n";
constexpr std::string_view finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
constexpr std::string_view done = "data: [DONE]\n\n";
constexpr std::string_view comment = ": busy\n\n";
constexpr std::string_view error = "event: error\ndata: {\"error\":{\"message\":\"x\"}}\n\n";

std::string chunk(std::string_view content) {
  return fmt::format("{:x}\r\n{}\r\n", content.size(), content);
}

class OneUpstream final : public net::Network {
 public:
  explicit OneUpstream(net::Runtime& runtime) : runtime_(runtime) {}
  std::unique_ptr<net::Connecting> connect(const net::Endpoint&, base::Signals&,
                                           base::Signals::Mask) override {
    return std::make_unique<Attempt>(*this);
  }
  std::unique_ptr<net::Stream> far;

 private:
  struct Attempt final : net::Connecting {
    explicit Attempt(OneUpstream& of) : network(of) {}
    Outcome take() override {
      constexpr std::size_t plenty = 16 * 1024 * 1024;
      auto pair = net::memory_stream_pair(network.runtime_, {}, {.capacity_bytes = plenty});
      network.far = std::move(pair.second);
      return std::move(pair.first);
    }
    OneUpstream& network;
  };
  net::Runtime& runtime_;
};

// As members of a test, or of one run of a property.
class Relayed : private deadline::WatchHooks, private HeadSource {
 public:
  explicit Relayed(std::size_t client_bytes = 16 * 1024 * 1024) {
    auto pair = net::memory_stream_pair(runtime, {.capacity_bytes = client_bytes});
    near = std::move(pair.first);
    far_client = std::move(pair.second);
    near->bind(&watch.signals(), bits::client_readable, bits::client_writable);
    client.emplace(*near);
    provider.base_url = *config::parse_url("http://127.0.0.1:9/v1");
    deadline::Limits limits;
    limits[Phase::total] = {seconds(900), {}};
    limits[Phase::idle] = {seconds(20), {}};
    limits[Phase::first_token] = {seconds(30), {}};
    limits[Phase::drain] = {seconds(60), {}};
    watch.begin(limits);
    watch.start(Phase::total);
  }
  virtual ~Relayed() {
    if (!running) return;
    watch.signals().raise(bits::stop);
    run();
  }

  enum class Kind : std::uint8_t { events, held_events, document };
  void start(Kind as, std::string_view upstream_head = "Transfer-Encoding: chunked\r\n") {
    kind = as;
    running = true;
    base::spawn(relay(*this));
    send("HTTP/1.1 200 OK\r\n" + std::string(upstream_head) + "\r\n");
  }
  void run() { runtime.ready().run(); }
  void advance(deadline::Duration by) {
    clock.advance(by);
    runtime.wheel().advance(clock.now());
    run();
  }
  // From the upstream.
  void send(std::string_view bytes) {
    upstream.far->try_write({&bytes, 1});
    run();
  }
  void send_chunk(std::string_view content) { send(chunk(content)); }
  void close() {
    upstream.far->close();
    run();
  }
  // What the client has of the answer, without its head, as it came.
  const std::string& raw() {
    std::vector<char> buffer(64 * 1024);
    for (;;) {
      const auto result = far_client->try_read(buffer);
      if (result.kind != net::IoResult::Kind::done) return got;
      got.append(buffer.data(), result.bytes);
      run();
    }
  }
  // The same without chunk framing; `whole` is set when the last chunk came.
  std::string content() {
    http::ResponseParser parser;
    http::BodyPieces pieces;
    std::string all;
    const std::string bytes = raw();
    std::string_view left = bytes;
    left.remove_prefix(parser.feed_head(left));
    while (!left.empty() && parser.state() == http::ResponseParser::State::body) {
      left.remove_prefix(parser.feed_body(left, pieces));
      for (const auto piece : pieces.content)
        all.append(piece);
    }
    EXPECT_NE(parser.state(), http::ResponseParser::State::failed) << parser.error();
    whole = parser.state() == http::ResponseParser::State::complete;
    return all;
  }

  deadline::ManualClock clock;
  net::Runtime runtime{clock};
  OneUpstream upstream{runtime};
  backend::ConnectionPool pool{runtime};
  telemetry::Metrics metrics;
  backend::Services services{runtime, upstream, upstream, pool, metrics};
  deadline::Watch watch{clock, runtime.wheel(), runtime.ready(), *this};
  std::unique_ptr<net::Stream> near;
  std::unique_ptr<net::Stream> far_client;
  std::optional<ClientWriter> client;
  config::Provider provider;
  json::Reader json_reader;
  api::ContentReader reader{json_reader};
  Workspace workspace;
  Tally tally;
  Kind kind = Kind::events;
  std::optional<Ending> ending;
  backend::Failure failure;
  std::string got;
  int heads = 0;
  bool running = false;
  bool whole = false;

 private:
  bool client_gone() override { return near->peer_closed(); }
  void heartbeat(deadline::Instant) override {}
  void begin_answer(const OwnDocument*) override {
    ++heads;
    if (client->begun()) return;
    begin_head();
  }

 public:
  void begin_head() {
    client->begin("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, Framing::chunked);
  }

 private:
  static base::Task<void> relay(Relayed& self) {
    backend::Call call(self.services, self.watch);
    backend::UpstreamRequest request;
    request.provider = &self.provider;
    request.path = "/chat/completions";
    const std::span<const std::string_view> no_body;
    const auto opened = co_await call.open(request, no_body);
    if (opened) {
      const RelayContext context{self.watch, *self.client, self.reader, self.workspace, self.tally, self};
      if (self.kind == Kind::document) {
        const auto ended = co_await relay_document(context, call);
        self.ending = ended;
      } else {
        const bool hold = self.kind == Kind::held_events;
        const auto ended = co_await relay_events(context, call, hold);
        self.ending = ended;
      }
    }
    self.failure = call.failure();
    self.running = false;
  }
};

class RelayEvents : public ::testing::Test, protected Relayed {};

TEST_F(RelayEvents, SendTheHeadAtOnce) {
  start(Kind::events);
  EXPECT_EQ(heads, 1);
  EXPECT_THAT(raw(), HasSubstr("200 OK"));
}

TEST_F(RelayEvents, PassChunksOnAsTheyCome) {
  start(Kind::events);
  raw();
  got.clear();
  const std::string chunks = chunk(role) + chunk(std::string(token) + std::string(token));
  send(chunks);
  EXPECT_EQ(raw(), chunks);
  send(chunk(done) + "0\r\n\r\n");
  EXPECT_EQ(raw(), chunks + chunk(done) + "0\r\n\r\n");
  EXPECT_EQ(ending, Ending::complete);
  EXPECT_EQ(tally.content_events, 2U);
}

TEST_F(RelayEvents, KeepTheConnectionForTheNextRequest) {
  start(Kind::events);
  send(chunk(token) + "0\r\n\r\n");
  EXPECT_EQ(ending, Ending::complete);
  EXPECT_NE(pool.take(backend::endpoint_of(provider)), nullptr);
}

TEST_F(RelayEvents, NeverPassAPartOfAnEventOn) {
  start(Kind::events);
  send_chunk(std::string(role) + "data: {\"choices\":[{\"delta\":{\"con");
  EXPECT_EQ(content(), role);
  send_chunk("tent\":\"hi\"}}]}\n");
  EXPECT_EQ(content(), role);
  EXPECT_EQ(tally.content_events, 0U);
  send_chunk("\n");
  EXPECT_EQ(content(), std::string(role) + std::string(token));
  EXPECT_EQ(tally.content_events, 1U);
}

TEST_F(RelayEvents, GiveAnUnfinishedLastEventWhenTheUpstreamEndsThere) {
  start(Kind::events);
  send(chunk(std::string(token) + "data: cut") + "0\r\n\r\n");
  EXPECT_EQ(content(), std::string(token) + "data: cut");
  EXPECT_TRUE(whole);
}

TEST_F(RelayEvents, StopTheFirstTokensClockAtTheFirstContent) {
  start(Kind::events);
  advance(seconds(3));
  send_chunk(role);
  EXPECT_TRUE(watch.deadline().running(Phase::first_token));
  EXPECT_FALSE(tally.first_token_at);
  send_chunk(token);
  EXPECT_FALSE(watch.deadline().running(Phase::first_token));
  EXPECT_EQ(tally.first_token_at, clock.now());
}

TEST_F(RelayEvents, AreInterruptedWhereNoContentComes) {
  start(Kind::events);
  for (int i = 0; i < 7; ++i) {
    advance(seconds(5));
    if (running) send_chunk(comment);
  }
  EXPECT_EQ(ending, Ending::interrupted);
  EXPECT_EQ(watch.expiry().phase, Phase::first_token);
}

TEST_F(RelayEvents, AreInterruptedWhereOnlyCommentsFollow) {
  start(Kind::events);
  send_chunk(token);
  for (int i = 0; i < 3; ++i) {
    advance(seconds(6));
    send_chunk(comment);
    send_chunk(role);
  }
  EXPECT_FALSE(ending);
  advance(seconds(3));
  EXPECT_EQ(ending, Ending::interrupted);
  EXPECT_EQ(watch.expiry().phase, Phase::idle);
  EXPECT_TRUE(upstream.far->peer_closed());
}

TEST_F(RelayEvents, GoOnAsLongAsContentOrProgressComes) {
  start(Kind::events);
  send_chunk(token);
  for (int i = 0; i < 6; ++i) {
    advance(seconds(19));
    send_chunk(i % 2 ? token : finish);
  }
  EXPECT_FALSE(ending);
}

TEST_F(RelayEvents, EndCompleteWhenOnlyTheEndOfTheBodyIsMissing) {
  start(Kind::events);
  send_chunk(token);
  send_chunk(done);
  advance(seconds(21));
  EXPECT_EQ(ending, Ending::complete);
  EXPECT_EQ(content(), std::string(token) + std::string(done));
  EXPECT_TRUE(whole);
  EXPECT_TRUE(upstream.far->peer_closed());
}

TEST_F(RelayEvents, FailWhenTheUpstreamIsCut) {
  start(Kind::events);
  send_chunk(token);
  close();
  EXPECT_EQ(ending, Ending::upstream_failed);
  EXPECT_EQ(failure.kind, backend::FailureKind::broken);
  EXPECT_EQ(content(), token);
  EXPECT_FALSE(whole);
}

TEST_F(RelayEvents, FailAtAnEventThatIsTooLarge) {
  start(Kind::events);
  send_chunk(token);
  const std::string part(64 * 1024, 'x');
  for (std::size_t sent = 0; sent <= http::event_bytes_max; sent += part.size())
    send_chunk(part);
  EXPECT_EQ(ending, Ending::upstream_failed);
  EXPECT_EQ(failure.kind, backend::FailureKind::garbage);
  EXPECT_THAT(failure.detail, HasSubstr("127.0.0.1:9 sent an event"));
  EXPECT_EQ(content(), token);
  EXPECT_TRUE(upstream.far->peer_closed());
}

TEST_F(RelayEvents, NoteTheUpstreamsErrorEvent) {
  start(Kind::events);
  send(chunk(error) + "0\r\n\r\n");
  EXPECT_EQ(ending, Ending::complete);
  EXPECT_TRUE(tally.upstream_error_event);
  EXPECT_EQ(content(), error);
}

TEST_F(RelayEvents, EndWhenTheClientLeaves) {
  start(Kind::events);
  send_chunk(token);
  far_client->close();
  run();
  EXPECT_EQ(ending, Ending::interrupted);
  EXPECT_EQ(watch.interruption(), Interruption::client_gone);
  EXPECT_TRUE(upstream.far->peer_closed());
}

TEST_F(RelayEvents, AreReframedForAClientWithoutChunks) {
  client->begin("H", 200, Framing::close);
  start(Kind::events);
  send(chunk(token) + "0\r\n\r\n");
  EXPECT_EQ(raw(), "H" + std::string(token));
}

TEST_F(RelayEvents, OfALengthAreWholeAtTheirLength) {
  const auto length = std::to_string(token.size() + done.size());
  start(Kind::events, "Content-Length: " + length + "\r\n");
  send(std::string(token) + std::string(done));
  EXPECT_EQ(ending, Ending::complete);
  EXPECT_EQ(content(), std::string(token) + std::string(done));
  EXPECT_TRUE(whole);
}

class HeldEvents : public RelayEvents {};

TEST_F(HeldEvents, SendNothingBeforeTheFirstContent) {
  start(Kind::held_events);
  send_chunk(role);
  send_chunk(comment);
  EXPECT_EQ(raw(), "");
  EXPECT_EQ(heads, 0);
  send_chunk(token);
  EXPECT_EQ(content(), std::string(role) + std::string(comment) + std::string(token));
  EXPECT_EQ(heads, 1);
  send(chunk(done) + "0\r\n\r\n");
  EXPECT_EQ(content(), std::string(role) + std::string(comment) + std::string(token) + std::string(done));
  EXPECT_TRUE(whole);
  EXPECT_EQ(heads, 1);
}

TEST_F(HeldEvents, LeaveTheClientToTheNextTargetWhenTheyFail) {
  start(Kind::held_events);
  send_chunk(role);
  close();
  EXPECT_EQ(ending, Ending::upstream_failed);
  EXPECT_FALSE(client->begun());
  EXPECT_EQ(heads, 0);
}

TEST_F(HeldEvents, AreGivenWhenTheStreamIsWhole) {
  start(Kind::held_events);
  send(chunk(role) + "0\r\n\r\n");
  EXPECT_EQ(ending, Ending::complete);
  EXPECT_EQ(content(), role);
  EXPECT_TRUE(whole);
}

TEST_F(HeldEvents, AreGivenWhenTheyGrowTooLarge) {
  start(Kind::held_events);
  std::string all;
  while (all.size() <= events_bytes_held_max) {
    EXPECT_EQ(raw(), "");
    send_chunk(role);
    all += role;
  }
  EXPECT_EQ(content(), all);
}

TEST_F(HeldEvents, SayThatTheAnswerBeginsThoughHeartbeatsBeganTheStream) {
  start(Kind::held_events);
  begin_head();
  client->write(http::sse_heartbeat);
  send_chunk(role);
  EXPECT_EQ(heads, 0);
  send_chunk(token);
  EXPECT_EQ(heads, 1);
  EXPECT_EQ(content(), std::string(http::sse_heartbeat) + std::string(role) + std::string(token));
}

// Nothing was said, so another target may still answer.
TEST_F(HeldEvents, AreNotCompleteWithoutContentAndEnd) {
  start(Kind::held_events);
  send_chunk(done);
  advance(seconds(31));
  EXPECT_EQ(ending, Ending::interrupted);
  EXPECT_FALSE(client->begun());
}

TEST_F(RelayEvents, SayThatTheAnswerBeginsThoughHeartbeatsBeganTheStream) {
  begin_head();
  client->write(http::sse_heartbeat);
  start(Kind::events);
  EXPECT_EQ(heads, 1);
}

class RelayToSlowClients : public ::testing::Test, protected Relayed {
 protected:
  RelayToSlowClients() : Relayed(128) {}
};

TEST_F(RelayToSlowClients, StopTheIdleClock) {
  start(Kind::events);
  send_chunk(token);
  send_chunk(token);
  ASSERT_TRUE(client->blocked());
  EXPECT_FALSE(watch.deadline().running(Phase::idle));
  advance(seconds(40));
  EXPECT_FALSE(ending);
  const std::string all = content();
  EXPECT_TRUE(watch.deadline().running(Phase::idle));
  EXPECT_EQ(all, std::string(token) + std::string(token));
}

TEST_F(RelayToSlowClients, HoldTheUpstreamBack) {
  start(Kind::events);
  send_chunk(token);
  send_chunk(token);
  ASSERT_TRUE(client->blocked());
  send_chunk(token);
  EXPECT_EQ(tally.content_events, 2U);
  raw();
  EXPECT_EQ(tally.content_events, 3U);
}

TEST_F(RelayToSlowClients, AreGivenUpWhenTheyReadNothing) {
  start(Kind::events);
  send_chunk(token);
  send_chunk(token);
  advance(seconds(61));
  EXPECT_EQ(ending, Ending::interrupted);
  EXPECT_EQ(watch.expiry().phase, Phase::drain);
}

TEST_F(RelayToSlowClients, GetTheRestOfAStreamThatIsWhole) {
  start(Kind::events);
  send(chunk(token) + chunk(token) + chunk(done) + "0\r\n\r\n");
  EXPECT_FALSE(ending);
  advance(seconds(50));
  content();
  EXPECT_TRUE(whole);
  EXPECT_EQ(ending, Ending::complete);
}

TEST_F(RelayToSlowClients, GetLargeDocumentsWithoutTheirBeingHeld) {
  const std::string document(3 * document_bytes_held_max, 'x');
  start(Kind::document, "Content-Length: " + std::to_string(document.size()) + "\r\n");
  send(document);
  EXPECT_FALSE(ending);
  EXPECT_TRUE(upstream.far != nullptr);
  EXPECT_EQ(content(), document);
  EXPECT_TRUE(whole);
  EXPECT_EQ(ending, Ending::complete);
}

// However the upstream's bytes arrive, the client gets the same events, and they are counted the same.
RC_GTEST_PROP(RelayedStreams, ArriveTheSameHoweverTheyAreSplit, (bool hold)) {
  const auto events = *rc::gen::container<std::vector<std::string_view>>(
      rc::gen::element(role, token, finish, comment, done));
  std::string text;
  std::uint64_t contents = 0;
  for (const auto event : events) {
    text += event;
    contents += event == token;
  }
  std::string framed;
  for (std::string_view left = text; !left.empty();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, std::min<std::size_t>(left.size(), 100) + 1);
    framed += chunk(left.substr(0, size));
    left.remove_prefix(size);
  }
  framed += "0\r\n\r\n";
  Relayed relayed(*rc::gen::inRange<std::size_t>(16, 400));
  relayed.start(hold ? Relayed::Kind::held_events : Relayed::Kind::events);
  for (std::string_view left = framed; !left.empty();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, std::min<std::size_t>(left.size(), 200) + 1);
    relayed.send(left.substr(0, size));
    left.remove_prefix(size);
    relayed.raw();
  }
  RC_ASSERT(relayed.content() == text);
  RC_ASSERT(relayed.whole);
  RC_ASSERT(relayed.ending == Ending::complete);
  RC_ASSERT(relayed.tally.content_events == contents);
  RC_ASSERT(relayed.heads == 1);
}

class RelayDocument : public ::testing::Test, protected Relayed {};

TEST_F(RelayDocument, GiveItWholeWithItsUsage) {
  const std::string document = R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})";
  start(Kind::document);
  send_chunk(document.substr(0, 20));
  EXPECT_EQ(raw(), "");
  send(chunk(document.substr(20)) + "0\r\n\r\n");
  EXPECT_EQ(content(), document);
  EXPECT_TRUE(whole);
  EXPECT_EQ(ending, Ending::complete);
  EXPECT_EQ(tally.usage.prompt_tokens, 3U);
  EXPECT_EQ(tally.usage.completion_tokens, 4U);
  EXPECT_EQ(heads, 1);
}

TEST_F(RelayDocument, MayBeEmpty) {
  start(Kind::document, "Content-Length: 0\r\n");
  EXPECT_EQ(ending, Ending::complete);
  EXPECT_EQ(content(), "");
  EXPECT_TRUE(whole);
}

TEST_F(RelayDocument, GiveNothingOfOneThatIsCut) {
  start(Kind::document);
  send_chunk("{\"choices\":");
  close();
  EXPECT_EQ(ending, Ending::upstream_failed);
  EXPECT_FALSE(client->begun());
  EXPECT_EQ(heads, 0);
}

TEST_F(RelayDocument, AreInterruptedByTheTotalLimit) {
  start(Kind::document);
  watch.stop(Phase::first_token);
  send_chunk("{");
  advance(seconds(901));
  EXPECT_EQ(ending, Ending::interrupted);
  EXPECT_EQ(watch.expiry().phase, Phase::total);
  EXPECT_TRUE(upstream.far->peer_closed());
}

TEST_F(RelayDocument, PassALargeOneOnAsItComes) {
  start(Kind::document);
  const std::string part(document_bytes_held_max, 'x');
  send_chunk(part);
  EXPECT_EQ(raw(), "");
  send_chunk("y");
  EXPECT_EQ(content(), part + "y");
  EXPECT_FALSE(whole);
  send(chunk("z") + "0\r\n\r\n");
  EXPECT_EQ(content(), part + "yz");
  EXPECT_TRUE(whole);
  EXPECT_EQ(heads, 1);
  EXPECT_EQ(ending, Ending::complete);
}

TEST_F(RelayDocument, FailInTheMiddleOfALargeOne) {
  start(Kind::document);
  const std::string part(document_bytes_held_max + 1, 'x');
  send_chunk(part);
  close();
  EXPECT_EQ(ending, Ending::upstream_failed);
  EXPECT_EQ(content(), part);
  EXPECT_FALSE(whole);
}

TEST_F(RelayDocument, EndWhenTheClientIsBroken) {
  start(Kind::document);
  send_chunk(std::string(document_bytes_held_max, 'x'));
  far_client->abort();
  send(chunk("more") + "0\r\n\r\n");
  EXPECT_TRUE(ending == Ending::interrupted || ending == Ending::client_broken);
  EXPECT_EQ(watch.interruption(), Interruption::client_gone);
}

}  // namespace
}  // namespace punctual::relay
