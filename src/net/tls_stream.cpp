#include "net/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace punctual::net {

TlsStream::TlsStream(Loop& loop, int descriptor, ssl_st* connection)
    : Socket(loop, descriptor), connection_(connection) {
  SSL_set_fd(connection_, descriptor);
  SSL_set_read_ahead(connection_, 1);
}

TlsStream::~TlsStream() {
  close();
  SSL_free(connection_);
}

void TlsStream::on_events(std::uint32_t events) {
  Socket::on_events(events);
  // While shaking hands, reading may wait for writing and the other way round.
  if (!shake_done_) raise(readable_bit() | writable_bit());
}

IoResult TlsStream::explained(int result) {
  switch (SSL_get_error(connection_, result)) {
    case SSL_ERROR_WANT_READ:
      set_readable(false);
      return IoResult::blocked();
    case SSL_ERROR_WANT_WRITE:
      return IoResult::blocked();
    case SSL_ERROR_ZERO_RETURN:
      return IoResult::ended();
    default:
      break;
  }
  const long verified = SSL_get_verify_result(connection_);
  if (verified != X509_V_OK) {
    failure_ = X509_verify_cert_error_string(verified);
  } else if (const auto code = ERR_peek_error()) {
    const char* reason = ERR_reason_error_string(code);
    failure_ = reason ? reason : "protocol error";
  } else {
    failure_ = "connection closed";
  }
  ERR_clear_error();
  return IoResult::broken(ECONNRESET);
}

IoResult TlsStream::handshake() {
  if (descriptor() < 0) return IoResult::broken(EBADF);
  ERR_clear_error();
  const int result = SSL_do_handshake(connection_);
  if (result != 1) return explained(result);
  shake_done_ = true;
  return IoResult::moved(0);
}

IoResult TlsStream::try_read(std::span<char> into) {
  if (descriptor() < 0) return IoResult::broken(EBADF);
  if (!readable() && SSL_pending(connection_) == 0 && SSL_has_pending(connection_) == 0)
    return IoResult::blocked();
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_read_ex(connection_, into.data(), into.size(), &count);
  if (SSL_is_init_finished(connection_)) shake_done_ = true;
  if (result == 1) {
    // A record may be buffered of which no event will tell.
    set_readable(true);
    if (SSL_has_pending(connection_) || SSL_pending(connection_) > 0) raise(readable_bit());
    return IoResult::moved(count);
  }
  return explained(result);
}

IoResult TlsStream::try_write(std::span<const std::string_view> pieces) {
  if (descriptor() < 0) return IoResult::broken(EBADF);
  // One record a write: small pieces are gathered, a large one goes as it is.
  constexpr std::size_t record_bytes_max = 16 * 1024;
  std::array<char, record_bytes_max> record;
  std::size_t used = 0;
  std::string_view data;
  for (const auto piece : pieces) {
    if (used == 0 && piece.size() >= record.size()) {
      data = piece;
      break;
    }
    const auto part = piece.substr(0, record.size() - used);
    std::memcpy(record.data() + used, part.data(), part.size());
    used += part.size();
    if (used == record.size()) break;
  }
  if (data.empty()) data = {record.data(), used};
  if (data.empty()) return IoResult::moved(0);
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_write_ex(connection_, data.data(), data.size(), &count);
  if (result == 1) return IoResult::moved(count);
  return explained(result);
}

void TlsStream::close() {
  if (descriptor() >= 0 && shake_done_) {
    ERR_clear_error();
    SSL_shutdown(connection_);
    ERR_clear_error();
  }
  Socket::close();
}

}  // namespace punctual::net
