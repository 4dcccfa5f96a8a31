// A stream over a connected TCP or Unix socket.
//
// `close` sends what was written, then ends. `abort` resets a TCP connection; a Unix socket has no reset,
// there the peer sees an end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/loop.hpp"
#include "net/stream.hpp"

namespace punctual::net {

// What the plain and the TLS form share: the descriptor, its remembered readiness, the bound signals.
class Socket : public Stream, protected Pollable {
 public:
  ~Socket() override;

  bool readable() const override { return readable_; }
  bool peer_closed() const override { return peer_closed_; }
  void bind(base::Signals* signals, base::Signals::Mask on_readable,
            base::Signals::Mask on_writable) override;
  void close() override;
  void abort() override;
  std::string peer() const override;

 protected:
  // Takes over `descriptor`, which must be connected and non-blocking.
  Socket(Loop& loop, int descriptor);
  void on_events(std::uint32_t events) override;

  int descriptor() const { return descriptor_; }
  IoResult receive(std::span<char> into);
  IoResult send(std::span<const std::string_view> pieces);
  void raise(base::Signals::Mask bits);
  base::Signals::Mask readable_bit() const { return on_readable_; }
  base::Signals::Mask writable_bit() const { return on_writable_; }

 private:
  void discard_unread();

  Loop& loop_;
  base::Signals* signals_ = nullptr;
  base::Signals::Mask on_readable_ = 0;
  base::Signals::Mask on_writable_ = 0;
  int descriptor_ = -1;
  int error_ = 0;  // what broke the connection: the kernel tells only once
  bool readable_ = false;
  bool peer_closed_ = false;
};

class SocketStream final : public Socket {
 public:
  // Takes over `descriptor`, which must be connected and non-blocking.
  SocketStream(Loop& loop, int descriptor) : Socket(loop, descriptor) {}

  IoResult try_read(std::span<char> into) override { return receive(into); }
  IoResult try_write(std::span<const std::string_view> pieces) override { return send(pieces); }
};

}  // namespace punctual::net
