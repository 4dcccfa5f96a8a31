// A stream over a connected TCP or Unix socket.
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
  Socket(Loop& loop, int descriptor);
  void on_events(std::uint32_t events) override;

  int descriptor() const { return descriptor_; }
  void set_readable(bool readable) { readable_ = readable; }
  IoResult receive(std::span<char> into);
  void raise(base::Signals::Mask bits);
  base::Signals::Mask readable_bit() const { return on_readable_; }
  base::Signals::Mask writable_bit() const { return on_writable_; }

 private:
  Loop& loop_;
  base::Signals* signals_ = nullptr;
  base::Signals::Mask on_readable_ = 0;
  base::Signals::Mask on_writable_ = 0;
  int descriptor_ = -1;
  bool readable_ = false;
  bool peer_closed_ = false;
};

class SocketStream final : public Socket {
 public:
  // Takes over `descriptor`, which must be connected and non-blocking.
  SocketStream(Loop& loop, int descriptor) : Socket(loop, descriptor) {}

  IoResult try_read(std::span<char> into) override { return receive(into); }
  IoResult try_write(std::span<const std::string_view> pieces) override;
};

}  // namespace punctual::net
