// TLS over a socket, both as client and as server.
#pragma once

#include <memory>
#include <string>

#include "net/socket_stream.hpp"
#include "net/tls_context.hpp"

namespace punctual::net {

class TlsStream final : public Socket {
 public:
  // Takes over both; `connection` comes from a TlsContext that outlives the stream.
  TlsStream(Loop& loop, int descriptor, ssl_st* connection);
  ~TlsStream() override;

  // One step of the handshake: done, would_block or failed (then `failure` says why). A server's handshake
  // also happens by itself in the first read.
  IoResult handshake();
  const std::string& failure() const { return failure_; }

  IoResult try_read(std::span<char> into) override;
  IoResult try_write(std::span<const std::string_view> pieces) override;
  void close() override;

 protected:
  void on_events(std::uint32_t events) override;

 private:
  IoResult explained(int result);

  ssl_st* connection_;
  std::string failure_;
  bool shake_done_ = false;
};

}  // namespace punctual::net
