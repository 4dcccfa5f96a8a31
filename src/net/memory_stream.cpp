#include "net/memory_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <optional>

namespace punctual::net {

namespace {

// One direction. `written` bytes are in flight until their time has come, then readable.
struct Pipe {
  Pipe(Runtime& on, const MemoryStreamOptions& with)
      : runtime(on), options(with), arrival(&Pipe::arrive, this) {}

  struct Binding {
    base::Signals* signals = nullptr;
    base::Signals::Mask bit = 0;
    void raise() const {
      if (signals) signals->raise(bit);
    }
  };
  struct Flight {
    deadline::Instant at;
    std::size_t bytes;  // zero: the end
  };

  Runtime& runtime;
  MemoryStreamOptions options;
  Binding reader;
  Binding writer;
  std::string buffer;       // unread bytes, arrived or not
  std::size_t arrived = 0;  // how many of them have arrived
  std::size_t written = 0;  // ever
  bool end_arrived = false;
  bool finished = false;  // the writer closed
  bool broken = false;    // reset by either side
  bool reader_gone = false;
  bool writer_blocked = false;
  std::deque<Flight> flights;
  deadline::Timer arrival;

  void send(std::size_t bytes) {
    if (options.delay == deadline::Duration::zero()) {
      deliver(bytes);
      return;
    }
    flights.push_back({runtime.now() + options.delay, bytes});
    runtime.wheel().arm(arrival, flights.front().at);
  }

  void deliver(std::size_t bytes) {
    arrived += bytes;
    if (bytes == 0) end_arrived = true;
    reader.raise();
  }

  static void arrive(void* self) {
    auto& pipe = *static_cast<Pipe*>(self);
    while (!pipe.flights.empty() && pipe.flights.front().at <= pipe.runtime.now()) {
      pipe.deliver(pipe.flights.front().bytes);
      pipe.flights.pop_front();
    }
    if (!pipe.flights.empty()) pipe.runtime.wheel().arm(pipe.arrival, pipe.flights.front().at);
  }

  void break_now() {
    broken = true;
    reader.raise();
    writer.raise();
  }
};

class MemoryStream final : public Stream {
 public:
  MemoryStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
      : in_(std::move(in)), out_(std::move(out)) {}
  ~MemoryStream() override { close(); }

  IoResult try_read(std::span<char> into) override {
    if (closed_) return IoResult::broken(EBADF);
    if (in_->broken) return IoResult::broken(ECONNRESET);
    const std::size_t count = std::min({into.size(), in_->arrived, in_->options.read_bytes_max});
    if (count == 0) return in_->end_arrived ? IoResult::ended() : IoResult::blocked();
    std::memcpy(into.data(), in_->buffer.data(), count);
    in_->buffer.erase(0, count);
    in_->arrived -= count;
    if (std::exchange(in_->writer_blocked, false)) in_->writer.raise();
    if (readable()) in_->reader.raise();
    return IoResult::moved(count);
  }

  IoResult try_write(std::span<const std::string_view> pieces) override {
    if (closed_ || out_->finished) return IoResult::broken(EPIPE);
    if (out_->broken || out_->reader_gone) return IoResult::broken(EPIPE);
    std::size_t room =
        std::min(out_->options.capacity_bytes - std::min(out_->options.capacity_bytes, out_->buffer.size()),
                 out_->options.write_bytes_max);
    std::size_t taken = 0;
    for (const auto piece : pieces) {
      const auto part = piece.substr(0, room - taken);
      out_->buffer.append(part);
      taken += part.size();
    }
    if (taken == 0) {
      if (std::ranges::all_of(pieces, &std::string_view::empty)) return IoResult::moved(0);
      out_->writer_blocked = true;
      return IoResult::blocked();
    }
    out_->written += taken;
    out_->send(taken);
    if (out_->written >= out_->options.reset_after_bytes) {
      out_->break_now();
      in_->break_now();
    }
    return IoResult::moved(taken);
  }

  bool readable() const override { return in_->arrived > 0 || in_->end_arrived || in_->broken; }
  bool peer_closed() const override { return in_->end_arrived || in_->broken; }

  void bind(base::Signals* signals, base::Signals::Mask on_readable,
            base::Signals::Mask on_writable) override {
    in_->reader = {signals, on_readable};
    out_->writer = {signals, on_writable};
    if (signals && readable()) signals->raise(on_readable);
  }

  void close() override {
    if (std::exchange(closed_, true)) return;
    in_->reader = {};
    out_->writer = {};
    in_->reader_gone = true;
    if (!out_->finished) {
      out_->finished = true;
      out_->send(0);
    }
    in_->writer.raise();
  }

  void abort() override {
    if (closed_) return;
    out_->break_now();
    in_->break_now();
    close();
  }

  std::string peer() const override { return "memory"; }

 private:
  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
  bool closed_ = false;
};

}  // namespace

std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> memory_stream_pair(
    Runtime& runtime, const MemoryStreamOptions& first_to_second,
    const MemoryStreamOptions& second_to_first) {
  auto forth = std::make_shared<Pipe>(runtime, first_to_second);
  auto back = std::make_shared<Pipe>(runtime, second_to_first);
  return {std::make_unique<MemoryStream>(back, forth), std::make_unique<MemoryStream>(forth, back)};
}

}  // namespace punctual::net
