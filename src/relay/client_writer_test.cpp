#include "relay/client_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "net/memory_stream.hpp"

namespace punctual::relay {
namespace {

namespace bits = deadline::bits;
using deadline::Phase;
using std::chrono::seconds;
using ::testing::ElementsAre;

// A socket whose writes are seen one by one, over a memory stream.
class CountedStream final : public net::Stream {
 public:
  CountedStream(std::unique_ptr<net::Stream> stream, std::vector<std::string>& writes)
      : stream_(std::move(stream)), writes_(writes) {}
  net::IoResult try_read(std::span<char> into) override { return stream_->try_read(into); }
  net::IoResult try_write(std::span<const std::string_view> pieces) override {
    const auto result = stream_->try_write(pieces);
    std::string taken;
    for (const auto piece : pieces)
      taken.append(piece);
    writes_.push_back(taken.substr(0, result.bytes));
    return result;
  }
  bool readable() const override { return stream_->readable(); }
  bool peer_closed() const override { return stream_->peer_closed(); }
  void bind(base::Signals* signals, base::Signals::Mask readable, base::Signals::Mask writable) override {
    stream_->bind(signals, readable, writable);
  }
  void close() override { stream_->close(); }
  void abort() override { stream_->abort(); }
  std::string peer() const override { return stream_->peer(); }

 private:
  std::unique_ptr<net::Stream> stream_;
  std::vector<std::string>& writes_;
};

class ClientWriters : public ::testing::Test, protected deadline::WatchHooks {
 protected:
  explicit ClientWriters(std::size_t capacity_bytes = 1024 * 1024) {
    auto pair = net::memory_stream_pair(runtime, {.capacity_bytes = capacity_bytes});
    stream = std::make_unique<CountedStream>(std::move(pair.first), writes);
    far = std::move(pair.second);
    stream->bind(&watch.signals(), bits::client_readable, bits::client_writable);
    writer.emplace(*stream);
    deadline::Limits limits;
    limits[Phase::drain] = {seconds(60), {}};
    watch.begin(limits);
  }
  void TearDown() override {
    if (!waiting) return;
    watch.signals().raise(bits::stop);
    runtime.ready().run();
  }

  bool client_gone() override { return stream->peer_closed(); }
  void heartbeat(deadline::Instant) override {}

  static base::Task<void> drain(ClientWriters& self) {
    const bool drained = co_await self.writer->drained(self.watch);
    self.drained = drained;
    self.waiting = false;
  }
  void start_draining() {
    waiting = true;
    base::spawn(drain(*this));
  }
  std::string read(std::size_t size_max = 64 * 1024) {
    std::string text(size_max, '\0');
    const auto result = far->try_read(text);
    text.resize(result.bytes);
    runtime.ready().run();
    return text;
  }
  void advance(deadline::Duration by) {
    clock.advance(by);
    runtime.wheel().advance(clock.now());
    runtime.ready().run();
  }

  deadline::ManualClock clock;
  net::Runtime runtime{clock};
  deadline::Watch watch{clock, runtime.wheel(), runtime.ready(), *this};
  std::vector<std::string> writes;
  std::unique_ptr<net::Stream> stream;
  std::unique_ptr<net::Stream> far;
  std::optional<ClientWriter> writer;
  std::optional<bool> drained;
  bool waiting = false;
};

TEST_F(ClientWriters, HeadContentAndEndAreOneWrite) {
  writer->begin("HEAD\r\n\r\n", 200, Framing::length);
  EXPECT_TRUE(writer->begun());
  EXPECT_THAT(writes, ElementsAre());
  const std::array<std::string_view, 2> content = {"ab", "c"};
  writer->end(content);
  EXPECT_THAT(writes, ElementsAre("HEAD\r\n\r\nabc"));
  EXPECT_TRUE(writer->ended());
  EXPECT_EQ(writer->bytes_sent(), 11U);
}

TEST_F(ClientWriters, ContentIsOneChunk) {
  writer->begin("H", 200, Framing::chunked);
  const std::array<std::string_view, 2> content = {"0123456789", "abcdefg"};
  writer->write(content);
  writer->end();
  EXPECT_THAT(writes, ElementsAre("H11\r\n0123456789abcdefg\r\n", "0\r\n\r\n"));
}

TEST_F(ClientWriters, TheLastChunkGoesWithTheLastContent) {
  writer->begin("H", 200, Framing::chunked);
  const std::string_view content = "hi";
  writer->end({&content, 1});
  EXPECT_THAT(writes, ElementsAre("H2\r\nhi\r\n0\r\n\r\n"));
}

TEST_F(ClientWriters, AConnectionThatEndsHasNoFraming) {
  writer->begin("H", 200, Framing::close);
  writer->write("hi");
  writer->end();
  EXPECT_THAT(writes, ElementsAre("Hhi"));
}

TEST_F(ClientWriters, EmptyContentIsNoChunk) {
  writer->begin("H", 200, Framing::chunked);
  writer->write("");
  EXPECT_THAT(writes, ElementsAre());
  writer->end();
  EXPECT_THAT(writes, ElementsAre("H0\r\n\r\n"));
}

TEST_F(ClientWriters, FramedContentTravelsAsItCame) {
  writer->begin("H", 200, Framing::chunked);
  writer->write_framed("2\r\nhi\r\n");
  EXPECT_FALSE(writer->ended());
  writer->end_framed("1\r\nx\r\n0\r\n\r\n");
  EXPECT_TRUE(writer->ended());
  EXPECT_THAT(writes, ElementsAre("H2\r\nhi\r\n", "1\r\nx\r\n0\r\n\r\n"));
}

TEST_F(ClientWriters, FlushSendsTheHeadOnce) {
  writer->begin("H", 200, Framing::chunked);
  writer->flush();
  writer->flush();
  EXPECT_THAT(writes, ElementsAre("H"));
}

TEST_F(ClientWriters, ResetMakesReadyForTheNextAnswer) {
  writer->begin("H", 404, Framing::length);
  writer->end();
  EXPECT_EQ(writer->status(), 404);
  writer->reset();
  EXPECT_FALSE(writer->begun());
  EXPECT_FALSE(writer->ended());
  EXPECT_EQ(writer->bytes_sent(), 0U);
}

TEST_F(ClientWriters, AClientThatLeftBreaksIt) {
  far->abort();
  writer->begin("H", 200, Framing::length);
  writer->write("hi");
  EXPECT_TRUE(writer->broken());
  EXPECT_FALSE(writer->blocked());
  writer->write("more");
  EXPECT_EQ(writes.size(), 1U);
}

TEST_F(ClientWriters, NothingHeldBackIsDrainedAtOnce) {
  start_draining();
  EXPECT_EQ(drained, true);
}

class SlowClients : public ClientWriters {
 protected:
  SlowClients() : ClientWriters(8) {
    writer->begin("0123", 200, Framing::close);
    writer->write("456789abcdef");
  }
};

TEST_F(SlowClients, WhatTheSocketDoesNotTakeIsKept) {
  EXPECT_TRUE(writer->blocked());
  EXPECT_EQ(writer->bytes_sent(), 8U);
}

TEST_F(SlowClients, GetEverythingInOrder) {
  start_draining();
  std::string all;
  while (!drained)
    all += read(3);
  all += read();
  EXPECT_EQ(drained, true);
  EXPECT_EQ(all, "0123456789abcdef");
  EXPECT_EQ(writer->bytes_sent(), 16U);
  EXPECT_FALSE(watch.deadline().running(Phase::drain));
}

TEST_F(SlowClients, ContentBehindABacklogWaitsItsTurn) {
  writer->end(std::array<std::string_view, 1>{"XYZ"});
  EXPECT_EQ(writes.size(), 1U);
  start_draining();
  std::string all;
  while (!drained)
    all += read();
  all += read();
  EXPECT_EQ(all, "0123456789abcdefXYZ");
}

TEST_F(SlowClients, HaveTheDrainLimit) {
  start_draining();
  advance(seconds(59));
  EXPECT_EQ(drained, std::nullopt);
  advance(seconds(2));
  EXPECT_EQ(drained, false);
  EXPECT_EQ(watch.expiry().phase, Phase::drain);
}

TEST_F(SlowClients, GetTheDrainLimitAfreshAtProgress) {
  start_draining();
  for (int i = 0; i < 5; ++i) {
    advance(seconds(50));
    read(1);
    ASSERT_EQ(drained, std::nullopt);
  }
  advance(seconds(59));
  EXPECT_EQ(drained, std::nullopt);
  advance(seconds(2));
  EXPECT_EQ(drained, false);
}

TEST_F(SlowClients, AreGivenUpWhenTheyBreak) {
  start_draining();
  far->abort();
  runtime.ready().run();
  EXPECT_EQ(drained, false);
}

TEST_F(SlowClients, AreGivenUpAtAStop) {
  start_draining();
  watch.signals().raise(bits::stop);
  runtime.ready().run();
  EXPECT_EQ(drained, false);
  EXPECT_EQ(watch.interruption(), deadline::Interruption::stopped);
}

}  // namespace
}  // namespace punctual::relay
