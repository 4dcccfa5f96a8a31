#include "net/memory_stream.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "deadline/clock.hpp"

namespace punctual::net {
namespace {

using Kind = IoResult::Kind;
using std::chrono::milliseconds;

constexpr base::Signals::Mask readable = 1;
constexpr base::Signals::Mask writable = 2;

class MemoryStreams : public ::testing::Test {
 protected:
  void open(const MemoryStreamOptions& forth = {}, const MemoryStreamOptions& back = {}) {
    auto pair = memory_stream_pair(runtime, forth, back);
    near = std::move(pair.first);
    far = std::move(pair.second);
    near->bind(&near_signals, readable, writable);
    far->bind(&far_signals, readable, writable);
  }
  IoResult write(Stream& stream, std::string_view text) { return stream.try_write(std::array{text}); }
  IoResult read(Stream& stream, std::size_t size_max = 1024) {
    const auto result = stream.try_read(std::span(buffer).first(size_max));
    got.assign(buffer.data(), result.bytes);
    return result;
  }
  void advance(deadline::Duration by) {
    clock.advance(by);
    runtime.wheel().advance(clock.now());
  }

  deadline::ManualClock clock;
  Runtime runtime{clock};
  base::Signals near_signals{runtime.ready()};
  base::Signals far_signals{runtime.ready()};
  std::unique_ptr<Stream> near;
  std::unique_ptr<Stream> far;
  std::array<char, 1024> buffer{};
  std::string got;
};

TEST_F(MemoryStreams, CarryBytesBothWays) {
  open();
  EXPECT_EQ(read(*far).kind, Kind::would_block);
  EXPECT_FALSE(far->readable());
  const std::array<std::string_view, 3> pieces = {"he", "", "llo"};
  EXPECT_EQ(near->try_write(pieces).bytes, 5U);
  EXPECT_EQ(far_signals.take(~0U), readable);
  EXPECT_TRUE(far->readable());
  EXPECT_EQ(read(*far).kind, Kind::done);
  EXPECT_EQ(got, "hello");
  EXPECT_EQ(write(*far, "back").bytes, 4U);
  read(*near);
  EXPECT_EQ(got, "back");
  EXPECT_EQ(near->peer(), "memory");
}

TEST_F(MemoryStreams, NothingToWriteIsWritten) {
  open();
  EXPECT_EQ(write(*near, "").kind, Kind::done);
  EXPECT_FALSE(far->readable());
}

TEST_F(MemoryStreams, FullBufferBlocksTheWriterUntilSomethingIsRead) {
  open({.capacity_bytes = 4});
  EXPECT_EQ(write(*near, "abcdef").bytes, 4U);
  EXPECT_EQ(write(*near, "ef").kind, Kind::would_block);
  EXPECT_EQ(near_signals.take(~0U), 0U);
  EXPECT_EQ(read(*far, 1).bytes, 1U);
  EXPECT_EQ(near_signals.take(~0U), writable);
  EXPECT_EQ(write(*near, "ef").bytes, 1U);
}

TEST_F(MemoryStreams, ReadThatLeavesSomethingRaisesAgain) {
  open({.read_bytes_max = 2});
  write(*near, "abcde");
  std::string all;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(far_signals.take(readable), readable);
    EXPECT_EQ(read(*far).kind, Kind::done);
    all += got;
  }
  EXPECT_EQ(all, "abcde");
  EXPECT_EQ(far_signals.take(readable), 0U);
}

TEST_F(MemoryStreams, ShortWritesTakeAtMostSoMuch) {
  open({.write_bytes_max = 3});
  EXPECT_EQ(write(*near, "abcde").bytes, 3U);
  EXPECT_EQ(write(*near, "de").bytes, 2U);
  read(*far);
  EXPECT_EQ(got, "abcde");
}

TEST_F(MemoryStreams, DelayedBytesAndEndArriveInOrderAndNotEarly) {
  open({.delay = milliseconds(10)});
  write(*near, "a");
  advance(milliseconds(5));
  write(*near, "b");
  near->close();
  advance(milliseconds(5) - deadline::Duration(1));
  EXPECT_EQ(read(*far).kind, Kind::would_block);
  EXPECT_FALSE(far->peer_closed());
  advance(milliseconds(1));
  EXPECT_EQ(far_signals.take(readable), readable);
  read(*far);
  EXPECT_EQ(got, "a");
  advance(milliseconds(5));
  EXPECT_TRUE(far->peer_closed());
  read(*far);
  EXPECT_EQ(got, "b");
  EXPECT_EQ(read(*far).kind, Kind::end);
}

TEST_F(MemoryStreams, CloseEndsTheOtherSideAfterItsBytes) {
  open();
  write(*near, "last");
  near->close();
  EXPECT_EQ(far_signals.take(readable), readable);
  EXPECT_TRUE(far->peer_closed());
  read(*far);
  EXPECT_EQ(got, "last");
  EXPECT_EQ(far_signals.take(readable), readable);
  EXPECT_EQ(read(*far).kind, Kind::end);
  EXPECT_EQ(read(*far).kind, Kind::end);
  EXPECT_EQ(write(*far, "x").error, EPIPE);
  EXPECT_EQ(write(*near, "x").kind, Kind::failed);
  EXPECT_EQ(read(*near).kind, Kind::failed);
}

TEST_F(MemoryStreams, DestroyingIsClosing) {
  open();
  near.reset();
  EXPECT_EQ(read(*far).kind, Kind::end);
}

TEST_F(MemoryStreams, CloseWakesABlockedWriter) {
  open({.capacity_bytes = 1});
  write(*near, "ab");
  EXPECT_EQ(write(*near, "b").kind, Kind::would_block);
  far->close();
  EXPECT_NE(near_signals.take(~0U) & writable, 0U);
  EXPECT_EQ(write(*near, "b").error, EPIPE);
}

TEST_F(MemoryStreams, AbortIsAResetForThePeer) {
  open();
  write(*near, "half an answer");
  near->abort();
  EXPECT_NE(far_signals.take(~0U) & readable, 0U);
  EXPECT_TRUE(far->peer_closed());
  EXPECT_EQ(read(*far).error, ECONNRESET);
  EXPECT_EQ(read(*far).error, ECONNRESET);
}

TEST_F(MemoryStreams, BreaksAfterSoManyBytes) {
  open({.reset_after_bytes = 5});
  EXPECT_EQ(write(*near, "abc").bytes, 3U);
  EXPECT_EQ(read(*far).kind, Kind::done);
  write(*near, "def");
  EXPECT_EQ(read(*far).error, ECONNRESET);
  EXPECT_EQ(read(*near).error, ECONNRESET);
  EXPECT_EQ(write(*near, "g").kind, Kind::failed);
}

TEST_F(MemoryStreams, BindingTellsWhatIsAlreadyKnown) {
  open();
  far->bind(nullptr, 0, 0);
  write(*near, "a");
  EXPECT_EQ(far_signals.take(~0U), 0U);
  far->bind(&far_signals, 8, 16);
  EXPECT_EQ(far_signals.take(~0U), 8U);
}

RC_GTEST_PROP(MemoryStream, LosesDoublesAndReordersNothing, ()) {
  deadline::ManualClock clock;
  Runtime runtime(clock);
  base::Signals signals(runtime.ready());
  const MemoryStreamOptions options{
      .capacity_bytes = static_cast<std::size_t>(*rc::gen::inRange(1, 50)),
      .write_bytes_max = static_cast<std::size_t>(*rc::gen::inRange(1, 20)),
      .read_bytes_max = static_cast<std::size_t>(*rc::gen::inRange(1, 20)),
      .delay = milliseconds(*rc::gen::inRange(0, 5)),
  };
  auto [from, to] = memory_stream_pair(runtime, options);
  to->bind(&signals, 1, 2);
  std::string sent(static_cast<std::size_t>(*rc::gen::inRange(0, 300)), ' ');
  for (std::size_t i = 0; i < sent.size(); ++i)
    sent[i] = static_cast<char>('a' + i % 26);
  std::string_view left = sent;
  std::string got;
  bool ended = false;
  for (int round = 0; !ended && round < 10'000; ++round) {
    if (!left.empty()) {
      const auto written = from->try_write(std::array{left});
      left.remove_prefix(written.bytes);
      if (left.empty()) from->close();
    } else if (round == 0) {
      from->close();
    }
    clock.advance(milliseconds(1));
    runtime.wheel().advance(clock.now());
    // A reader that trusts the signals alone must come to the end.
    while (signals.take(1)) {
      std::array<char, 8> room;
      const auto result = to->try_read(room);
      got.append(room.data(), result.bytes);
      ended = result.kind == Kind::end;
      if (result.kind == Kind::failed) RC_FAIL("failed");
    }
  }
  RC_ASSERT(ended);
  RC_ASSERT(got == sent);
}

}  // namespace
}  // namespace punctual::net
