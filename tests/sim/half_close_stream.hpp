// A stream whose peer can finish sending and yet go on reading, which a memory stream alone cannot show.
#pragma once

#include <memory>
#include <utility>

#include "net/stream.hpp"

namespace punctual::simulation {

// The peer's hand on the switch.
struct HalfClose {
  bool finished = false;
  base::Signals* signals = nullptr;
  base::Signals::Mask on_readable = 0;

  void finish() {
    finished = true;
    if (signals) signals->raise(on_readable);
  }
};

class HalfCloseStream final : public net::Stream {
 public:
  HalfCloseStream(std::unique_ptr<net::Stream> stream, std::shared_ptr<HalfClose> half)
      : stream_(std::move(stream)), half_(std::move(half)) {}
  ~HalfCloseStream() override { half_->signals = nullptr; }

  net::IoResult try_read(std::span<char> into) override {
    const auto result = stream_->try_read(into);
    const bool blocked = result.kind == net::IoResult::Kind::would_block;
    return blocked && half_->finished ? net::IoResult::ended() : result;
  }
  net::IoResult try_write(std::span<const std::string_view> pieces) override {
    return stream_->try_write(pieces);
  }
  bool readable() const override { return half_->finished || stream_->readable(); }
  bool peer_closed() const override { return half_->finished || stream_->peer_closed(); }
  void bind(base::Signals* signals, base::Signals::Mask on_readable,
            base::Signals::Mask on_writable) override {
    half_->signals = signals;
    half_->on_readable = on_readable;
    stream_->bind(signals, on_readable, on_writable);
    if (signals && half_->finished) signals->raise(on_readable);
  }
  void close() override { stream_->close(); }
  void abort() override { stream_->abort(); }
  std::string peer() const override { return "memory"; }

 private:
  std::unique_ptr<net::Stream> stream_;
  std::shared_ptr<HalfClose> half_;
};

}  // namespace punctual::simulation
