#include "sim/line.hpp"

#include <algorithm>

namespace punctual::sim {

namespace {

// A connection that once wrote much does not keep the memory.
constexpr std::size_t kept_bytes_max = 64 * 1024;

}  // namespace

Line::Line(net::Runtime& runtime, std::unique_ptr<net::Stream> stream)
    : runtime_(runtime),
      signals_(runtime.ready()),
      timer_(runtime, signals_, timer_bit),
      stream_(std::move(stream)) {
  stream_->bind(&signals_, readable_bit, writable_bit);
}

Line::~Line() {
  stream_->bind(nullptr, 0, 0);
}

void Line::hang_up() {
  if (state_ != State::open) return;
  state_ = State::hung_up;
  hung_up_at_ = runtime_.now();
}

void Line::judge(base::Signals::Mask bits) {
  if (bits & stop_bit) {
    state_ = State::stopped;
  } else if (stream_->peer_closed()) {
    hang_up();
  }
}

bool Line::look() {
  judge(signals_.take(readable_bit | stop_bit));
  return open();
}

bool Line::try_flush(std::size_t bytes) {
  for (const std::size_t end = written_ + bytes; written_ < end;) {
    const auto piece = std::string_view(out_).substr(written_, end - written_);
    const auto result = stream_->try_write({&piece, 1});
    if (result.kind == net::IoResult::Kind::failed) hang_up();
    if (result.kind != net::IoResult::Kind::done) return false;
    written_ += result.bytes;
  }
  if (written_ < out_.size()) return true;
  out_.clear();
  written_ = 0;
  if (out_.capacity() > kept_bytes_max) out_.shrink_to_fit();
  return true;
}

base::Task<bool> Line::flush() {
  auto work = flush_first(pending_bytes());
  const bool flushed = co_await work;
  co_return flushed;
}

base::Task<bool> Line::flush_first(std::size_t bytes) {
  const std::size_t rest = pending_bytes() - std::min(bytes, pending_bytes());
  while (open()) {
    if (try_flush(pending_bytes() - std::min(rest, pending_bytes()))) co_return true;
    if (!open()) break;
    constexpr auto wanted = writable_bit | readable_bit | stop_bit;
    const auto bits = co_await signals_.wait(wanted);
    judge(bits);
  }
  co_return false;
}

base::Task<bool> Line::until(deadline::Instant due) {
  look();
  if (open() && runtime_.now() < due) {
    timer_.arm(due);
    do {
      constexpr auto wanted = timer_bit | readable_bit | stop_bit;
      const auto bits = co_await signals_.wait(wanted);
      judge(bits);
    } while (open() && runtime_.now() < due);
    timer_.cancel();
  }
  co_return open();
}

base::Task<bool> Line::until_over() {
  while (look()) {
    constexpr auto wanted = readable_bit | stop_bit;
    const auto bits = co_await signals_.wait(wanted);
    judge(bits);
  }
  co_return false;
}

base::Task<bool> Line::until_readable(deadline::Instant give_up) {
  const bool limited = give_up != deadline::Instant::max();
  if (limited) timer_.arm(give_up);
  bool readable = false;
  while (!readable && open() && runtime_.now() < give_up) {
    constexpr auto wanted = timer_bit | readable_bit | stop_bit;
    const auto bits = co_await signals_.wait(wanted);
    if (bits & stop_bit) state_ = State::stopped;
    readable = (bits & readable_bit) != 0;
  }
  timer_.cancel();
  co_return readable&& open();
}

}  // namespace punctual::sim
