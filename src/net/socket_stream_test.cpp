#include "net/socket_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <string>

#include "net/socket_testing.hpp"

namespace punctual::net {
namespace {

using Kind = IoResult::Kind;

constexpr base::Signals::Mask readable = 1;
constexpr base::Signals::Mask writable = 2;

// A stream that an acceptor gave, its peer a blocking descriptor.
class SocketStreams : public ::testing::Test {
 protected:
  void SetUp() override {
    auto listening =
        Acceptor::listen(loop, *parse_listen_address("127.0.0.1:0"), nullptr,
                         [this](std::unique_ptr<Stream> accepted) { stream = std::move(accepted); });
    ASSERT_TRUE(listening) << listening.error();
    acceptor = std::move(*listening);
    peer = connected_to(*acceptor);
    ASSERT_GE(peer.number(), 0);
    ASSERT_TRUE(run_until(loop, [this] { return stream != nullptr; }));
    stream->bind(&signals, readable, writable);
  }
  void send(std::string_view text) {
    ASSERT_EQ(::send(peer.number(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  bool raised(base::Signals::Mask bit) {
    return run_until(loop, [this, bit] { return signals.take(bit) != 0; });
  }
  IoResult read(std::size_t size_max = 1024) {
    const auto result = stream->try_read(std::span(buffer).first(size_max));
    got.assign(buffer.data(), result.bytes);
    return result;
  }
  void reset_by_peer() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(peer.number(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    peer.close();
  }

  deadline::SystemClock clock;
  Loop loop{clock};
  base::Signals signals{loop.runtime().ready()};
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<Stream> stream;
  Descriptor peer;
  std::array<char, 1024> buffer{};
  std::string got;
};

TEST_F(SocketStreams, CarryBytesBothWays) {
  EXPECT_EQ(read().kind, Kind::would_block);
  send("hello");
  ASSERT_TRUE(raised(readable));
  EXPECT_EQ(read().bytes, 5U);
  EXPECT_EQ(got, "hello");
  EXPECT_FALSE(stream->readable());
  EXPECT_EQ(read().kind, Kind::would_block);
  const std::array<std::string_view, 3> pieces = {"ba", "", "ck"};
  EXPECT_EQ(stream->try_write(pieces).bytes, 4U);
  EXPECT_EQ(receive_from(peer, 4), "back");
  EXPECT_TRUE(stream->peer().starts_with("127.0.0.1:"));
}

TEST_F(SocketStreams, ReadThatFillsTheBufferRaisesForTheRest) {
  send("abcdef");
  std::string all;
  while (all.size() < 6 && raised(readable)) {
    const auto result = read(2);
    if (result.kind == Kind::done) all += got;
  }
  EXPECT_EQ(all, "abcdef");
}

TEST_F(SocketStreams, EndIsFoundAfterAShortReadBySignalsAlone) {
  send("last words");
  peer.close();
  ASSERT_TRUE(run_until(loop, [this] { return stream->peer_closed(); }));
  ASSERT_TRUE(raised(readable));
  EXPECT_EQ(read().kind, Kind::done);
  EXPECT_EQ(got, "last words");
  ASSERT_TRUE(raised(readable));
  EXPECT_EQ(read().kind, Kind::end);
  EXPECT_EQ(read().kind, Kind::end);
}

TEST_F(SocketStreams, HangUpIsSeenWithoutARead) {
  send("unread");
  ASSERT_TRUE(raised(readable));
  EXPECT_FALSE(stream->peer_closed());
  peer.close();
  ASSERT_TRUE(raised(readable));
  EXPECT_TRUE(stream->peer_closed());
  EXPECT_TRUE(stream->readable());
  EXPECT_EQ(read(3).bytes, 3U);
  EXPECT_EQ(read().bytes, 3U);
  EXPECT_EQ(read().kind, Kind::end);
}

TEST_F(SocketStreams, HalfClosedPeerStillReceives) {
  ::shutdown(peer.number(), SHUT_WR);
  ASSERT_TRUE(raised(readable));
  EXPECT_TRUE(stream->peer_closed());
  EXPECT_EQ(read().kind, Kind::end);
  EXPECT_EQ(write_text(*stream, "answer").bytes, 6U);
  EXPECT_EQ(receive_from(peer, 6), "answer");
}

TEST_F(SocketStreams, ResetStaysAReset) {
  reset_by_peer();
  ASSERT_TRUE(run_until(loop, [this] { return stream->peer_closed(); }));
  EXPECT_EQ(read().error, ECONNRESET);
  EXPECT_EQ(read().error, ECONNRESET);
}

TEST_F(SocketStreams, ResetThatAWriteMetFirstIsNoEndForTheReader) {
  reset_by_peer();
  ASSERT_TRUE(run_until(loop, [this] { return stream->peer_closed(); }));
  EXPECT_EQ(write_text(*stream, "x").kind, Kind::failed);
  EXPECT_EQ(read().kind, Kind::failed);
  EXPECT_EQ(write_text(*stream, "x").kind, Kind::failed);
}

TEST_F(SocketStreams, WriteBlocksWhenThePeerDoesNotReadAndResumes) {
  const std::string block(64 * 1024, 'x');
  std::size_t sent = 0;
  IoResult result;
  while (result = write_text(*stream, block), result.kind == Kind::done)
    sent += result.bytes;
  ASSERT_EQ(result.kind, Kind::would_block);
  signals.take(writable);
  std::size_t received = receive_from(peer, sent).size();
  EXPECT_EQ(received, sent);
  ASSERT_TRUE(raised(writable));
  EXPECT_EQ(write_text(*stream, "y").kind, Kind::done);
  EXPECT_EQ(receive_from(peer, 1), "y");
}

TEST_F(SocketStreams, CloseDeliversWhatWasWrittenThoughInputIsUnread) {
  send(std::string(10'000, 'q'));
  ASSERT_TRUE(raised(readable));
  EXPECT_EQ(write_text(*stream, "too large").bytes, 9U);
  stream->close();
  EXPECT_EQ(receive_from(peer, 100), "too large");
  EXPECT_EQ(stream->peer(), "closed");
  EXPECT_EQ(read().error, EBADF);
  EXPECT_EQ(write_text(*stream, "x").error, EBADF);
}

TEST_F(SocketStreams, AbortIsAResetForThePeer) {
  write_text(*stream, "half");
  EXPECT_EQ(receive_from(peer, 4), "half");
  stream->abort();
  char byte = 0;
  EXPECT_EQ(::recv(peer.number(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST_F(SocketStreams, BindingTellsWhatIsAlreadyKnown) {
  stream->bind(nullptr, 0, 0);
  send("a");
  ASSERT_TRUE(run_until(loop, [this] { return stream->readable(); }));
  EXPECT_EQ(signals.take(~0U) & readable, 0U);
  stream->bind(&signals, 8, 16);
  EXPECT_EQ(signals.take(8), 8U);
}

TEST_F(SocketStreams, EmptyRoomIsNoEnd) {
  send("a");
  ASSERT_TRUE(raised(readable));
  EXPECT_EQ(read(0).kind, Kind::done);
  EXPECT_EQ(read().bytes, 1U);
}

TEST_F(SocketStreams, DescriptorThatCannotBeWatchedIsABrokenStream) {
  SocketStream broken(loop, -1);
  EXPECT_TRUE(broken.peer_closed());
  EXPECT_TRUE(broken.readable());
  EXPECT_EQ(broken.try_read(buffer).kind, Kind::failed);
  EXPECT_EQ(write_text(broken, "x").kind, Kind::failed);
}

}  // namespace
}  // namespace punctual::net
