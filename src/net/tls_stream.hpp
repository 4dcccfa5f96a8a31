// TLS over a socket, both as client and as server.
//
// The TLS library reads and writes through the Socket below it, so that remembered readiness saves the read
// that would find nothing, and a reset raises no SIGPIPE. An end without close_notify is a failure, not an
// end.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "net/socket_stream.hpp"
#include "net/tls_context.hpp"

struct bio_st;
struct bio_method_st;

namespace punctual::net {

class TlsStream final : public Socket {
 public:
  // Takes over both; `connection` comes from a TlsContext that outlives the stream.
  TlsStream(Loop& loop, int descriptor, ssl_st* connection);
  ~TlsStream() override;

  // One step of the handshake: done, would_block or failed (then `failure` says why). A server's handshake
  // also happens by itself in the first read or write.
  IoResult handshake();
  const std::string& failure() const { return failure_; }

  IoResult try_read(std::span<char> into) override;
  // A write that would block may have sealed its first bytes in a record: the next write must begin with the
  // same bytes (it fails with EINVAL otherwise), and more may follow them.
  IoResult try_write(std::span<const std::string_view> pieces) override;
  bool readable() const override { return unread_ || Socket::readable(); }
  void close() override;
  bool secure() const override { return true; }

 protected:
  void on_events(std::uint32_t events) override;

 private:
  IoResult explained(int result);
  IoResult ended_with(IoResult ending);

  static const bio_method_st* transport();
  static int transport_read(bio_st* transport, char* into, int size);
  static int transport_write(bio_st* transport, const char* data, int size);
  static long transport_control(bio_st* transport, int command, long number, void* pointer);

  ssl_st* connection_;
  std::string failure_;
  std::optional<IoResult> ending_;  // what ended the reading; a failure ends the writing too
  std::size_t sealed_bytes_ = 0;    // of the write that blocked: they are in a record already
  std::size_t sealed_hash_ = 0;
  bool unread_ = false;  // the library holds bytes, or the ending, of which no event will tell
  bool read_waits_for_writable_ = false;
  bool write_waits_for_readable_ = false;
};

}  // namespace punctual::net
