// A connection, as the data path sees it: attempts that never block, and signals when another is worth it.
//
// Forms: a TCP or Unix socket (socket_stream.hpp), TLS over one (tls_stream.hpp), and memory
// (memory_stream.hpp), so that the whole gateway runs in a test without a network. A stream belongs to one
// loop and is used on its thread only. Errors are values; a failed stream stays failed.
//
// Readiness is remembered, not polled: after `would_block` the stream raises the bound signal once when it
// can go on. A read that returns less than was asked for also means that nothing is left for now, so the
// second read that only finds nothing is saved; where something was left after all (a full buffer, the end),
// the signal is raised by the read itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/signals.hpp"

namespace punctual::net {

struct IoResult {
  enum class Kind : std::uint8_t {
    done,         // `bytes` were moved, at least one
    would_block,  // nothing for now; the signal follows
    end,          // the peer finished sending (reads only)
    failed,       // the connection is broken: `error` is an errno value
  };
  Kind kind = Kind::done;
  std::size_t bytes = 0;
  int error = 0;

  static IoResult moved(std::size_t bytes) { return {Kind::done, bytes, 0}; }
  static IoResult blocked() { return {Kind::would_block, 0, 0}; }
  static IoResult ended() { return {Kind::end, 0, 0}; }
  static IoResult broken(int error) { return {Kind::failed, 0, error}; }
};

class Stream {
 public:
  virtual ~Stream() = default;

  // Reads what is there, at most `into.size()` bytes (not zero).
  virtual IoResult try_read(std::span<char> into) = 0;

  // Writes the pieces in order with one gathered call; may write only a part of them. After `would_block` the
  // next write must begin with the same bytes (TLS may have sealed them), and more may follow them.
  virtual IoResult try_write(std::span<const std::string_view> pieces) = 0;

  // True while a read may find something (bytes, the end or an error).
  virtual bool readable() const = 0;

  // True once the peer has finished sending or the connection broke, even with bytes still to read.
  virtual bool peer_closed() const = 0;

  // Bits to raise when reading, or writing, may go on; also when the peer closes (`on_readable`). What is
  // already known to be readable is raised at once. `signals` must outlive the binding; nullptr unbinds.
  virtual void bind(base::Signals* signals, base::Signals::Mask on_readable,
                    base::Signals::Mask on_writable) = 0;

  // Ends the connection in order: what was written still arrives.
  virtual void close() = 0;

  // Ends the connection at once with a reset, so that the peer cannot take what it got for the whole.
  virtual void abort() = 0;

  // Whether nobody between can read what is sent.
  virtual bool secure() const { return false; }

  // The peer's address, for records: "127.0.0.1:5000", "unix", "memory".
  virtual std::string peer() const = 0;
};

}  // namespace punctual::net
