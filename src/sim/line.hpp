// The way to one client: what is to be written, waiting, and knowing when it is over.
//
// Owns the stream; closes it at the end. One coroutine at a time waits on it. While an answer is under way,
// a client that finished sending counts as gone: what it sends half-closed is not answered.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/signals.hpp"
#include "base/task.hpp"
#include "net/runtime.hpp"
#include "net/stream.hpp"
#include "net/wakeup.hpp"

namespace punctual::sim {

class Line {
 public:
  enum class State : std::uint8_t { open, hung_up, stopped };

  Line(net::Runtime& runtime, std::unique_ptr<net::Stream> stream);
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line();

  State state() const { return state_; }
  bool open() const { return state_ == State::open; }
  deadline::Instant hung_up_at() const { return hung_up_at_; }
  net::Runtime& runtime() { return runtime_; }

  // Ends every wait; for the owner of the session.
  void stop() { signals_.raise(stop_bit); }

  // Bytes to write; append only. They are gone once they are all written.
  std::string& out() { return out_; }
  std::size_t pending_bytes() const { return out_.size() - written_; }

  // Writes what the stream takes. True when nothing is left.
  bool try_flush() { return try_flush(pending_bytes()); }

  // The waits: all give false when the line is not open any more.
  base::Task<bool> flush();
  base::Task<bool> flush_first(std::size_t bytes);  // so many of the pending bytes
  base::Task<bool> until(deadline::Instant due);
  base::Task<bool> until_over();

  // Lets others run, for answers that never have to wait. `look` afterwards.
  auto breathe() { return runtime_.ready().yield(); }
  // Looks whether the client is still there, without waiting. True while it is.
  bool look();

  // For requests: reads what is there; waits for more (false at the end of the time, or when stopped).
  net::IoResult read(std::span<char> into) { return stream_->try_read(into); }
  base::Task<bool> until_readable(deadline::Instant give_up);

  void close() { stream_->close(); }
  void abort() { stream_->abort(); }

 private:
  static constexpr base::Signals::Mask readable_bit = 1;
  static constexpr base::Signals::Mask writable_bit = 2;
  static constexpr base::Signals::Mask timer_bit = 4;
  static constexpr base::Signals::Mask stop_bit = 8;

  bool try_flush(std::size_t bytes);
  void judge(base::Signals::Mask bits);
  void hang_up();

  net::Runtime& runtime_;
  base::Signals signals_;
  net::Wakeup timer_;
  std::unique_ptr<net::Stream> stream_;
  std::string out_;
  std::size_t written_ = 0;
  deadline::Instant hung_up_at_{};
  State state_ = State::open;
};

}  // namespace punctual::sim
