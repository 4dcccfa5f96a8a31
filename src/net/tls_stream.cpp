#include "net/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

namespace punctual::net {

namespace {

constexpr std::size_t record_bytes_max = 16 * 1024;

// The bytes of `pieces` from `offset` on, as many as fit in `room`; copied there only when they lie in
// several.
std::string_view gathered(std::span<const std::string_view> pieces, std::size_t offset,
                          std::span<char> room) {
  std::size_t used = 0;
  for (const auto piece : pieces) {
    if (offset >= piece.size()) {
      offset -= piece.size();
      continue;
    }
    const auto part = piece.substr(std::exchange(offset, 0)).substr(0, room.size() - used);
    if (used == 0 && (part.size() == room.size() || &piece == &pieces.back())) return part;
    std::memcpy(room.data() + used, part.data(), part.size());
    used += part.size();
    if (used == room.size()) break;
  }
  return {room.data(), used};
}

}  // namespace

TlsStream::TlsStream(Loop& loop, int descriptor, ssl_st* connection)
    : Socket(loop, descriptor), connection_(connection) {
  BIO* bio = BIO_new(transport());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection_, bio, bio);
  SSL_set_read_ahead(connection_, 1);
}

TlsStream::~TlsStream() {
  TlsStream::close();
  SSL_free(connection_);
}

const bio_method_st* TlsStream::transport() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "punctual socket");
    BIO_meth_set_read(made, &TlsStream::transport_read);
    BIO_meth_set_write(made, &TlsStream::transport_write);
    BIO_meth_set_ctrl(made, &TlsStream::transport_control);
    return made;
  }();
  return method;
}

int TlsStream::transport_read(bio_st* transport, char* into, int size) {
  auto& stream = *static_cast<TlsStream*>(BIO_get_data(transport));
  BIO_clear_retry_flags(transport);
  const IoResult result = stream.receive({into, static_cast<std::size_t>(size)});
  switch (result.kind) {
    case IoResult::Kind::done:
      return static_cast<int>(result.bytes);
    case IoResult::Kind::would_block:
      BIO_set_retry_read(transport);
      return -1;
    case IoResult::Kind::end:
      BIO_set_flags(transport, BIO_FLAGS_IN_EOF);
      return 0;
    case IoResult::Kind::failed:
      break;
  }
  errno = result.error;
  return -1;
}

int TlsStream::transport_write(bio_st* transport, const char* data, int size) {
  auto& stream = *static_cast<TlsStream*>(BIO_get_data(transport));
  BIO_clear_retry_flags(transport);
  const std::array<std::string_view, 1> piece = {{{data, static_cast<std::size_t>(size)}}};
  const IoResult result = stream.send(piece);
  if (result.kind == IoResult::Kind::done) return static_cast<int>(result.bytes);
  if (result.kind == IoResult::Kind::would_block) BIO_set_retry_write(transport);
  errno = result.error;
  return -1;
}

long TlsStream::transport_control(bio_st* transport, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(transport, BIO_FLAGS_IN_EOF) != 0;
  return 0;
}

void TlsStream::on_events(std::uint32_t events) {
  // Within the protocol, reading may wait for writing and the other way round.
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) && std::exchange(read_waits_for_writable_, false)) {
    unread_ = true;
    raise(readable_bit());
  }
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) && std::exchange(write_waits_for_readable_, false))
    raise(writable_bit());
  Socket::on_events(events);
}

IoResult TlsStream::ended_with(IoResult ending) {
  ending_ = ending;
  unread_ = true;
  return ending;
}

IoResult TlsStream::explained(int result) {
  const int cause = errno;
  switch (SSL_get_error(connection_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return IoResult::blocked();
    case SSL_ERROR_ZERO_RETURN:
      return ended_with(IoResult::ended());
    case SSL_ERROR_SYSCALL:
      failure_ = "connection closed";
      ERR_clear_error();
      return IoResult::broken(cause != 0 ? cause : ECONNRESET);
    default:
      break;
  }
  const auto code = ERR_peek_error();
  if (const long verified = SSL_get_verify_result(connection_); verified != X509_V_OK) {
    failure_ = X509_verify_cert_error_string(verified);
  } else if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    failure_ = "connection closed";
  } else {
    const char* reason = ERR_reason_error_string(code);
    failure_ = reason ? reason : "protocol error";
  }
  ERR_clear_error();
  return ended_with(IoResult::broken(ECONNRESET));
}

IoResult TlsStream::handshake() {
  if (descriptor() < 0) return IoResult::broken(EBADF);
  if (ending_) return *ending_;
  ERR_clear_error();
  const int result = SSL_do_handshake(connection_);
  if (result == 1) return IoResult::moved(0);
  return explained(result);
}

IoResult TlsStream::try_read(std::span<char> into) {
  if (descriptor() < 0) return IoResult::broken(EBADF);
  if (ending_) return *ending_;
  if (!readable()) return IoResult::blocked();
  std::size_t total = 0;
  while (total < into.size()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(connection_, into.data() + total, into.size() - total, &count);
    if (result == 1) {
      total += count;
      continue;
    }
    unread_ = false;
    read_waits_for_writable_ = SSL_want_write(connection_);
    const IoResult stop = explained(result);
    if (stop.kind == IoResult::Kind::failed) ended_with(stop);
    if (total == 0) return stop;
    if (unread_) raise(readable_bit());
    return IoResult::moved(total);
  }
  unread_ = SSL_has_pending(connection_) != 0;
  if (readable()) raise(readable_bit());
  return IoResult::moved(total);
}

IoResult TlsStream::try_write(std::span<const std::string_view> pieces) {
  if (descriptor() < 0) return IoResult::broken(EBADF);
  if (ending_ && ending_->kind == IoResult::Kind::failed) return *ending_;
  std::array<char, record_bytes_max> record;
  std::size_t total = 0;
  while (true) {
    const std::size_t size_max = sealed_bytes_ > 0 ? sealed_bytes_ : record.size();
    const auto data = gathered(pieces, total, std::span(record).first(size_max));
    if (sealed_bytes_ > 0) {
      if (std::hash<std::string_view>{}(data) != sealed_hash_) return ended_with(IoResult::broken(EINVAL));
    } else if (data.empty()) {
      return IoResult::moved(total);
    }
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_write_ex(connection_, data.data(), data.size(), &count);
    if (result == 1) {
      sealed_bytes_ = 0;
      total += count;
      continue;
    }
    write_waits_for_readable_ = SSL_want_read(connection_);
    const IoResult stop = explained(result);
    if (stop.kind == IoResult::Kind::would_block && SSL_is_init_finished(connection_) &&
        !write_waits_for_readable_) {
      sealed_bytes_ = data.size();
      sealed_hash_ = std::hash<std::string_view>{}(data);
    }
    return total > 0 ? IoResult::moved(total) : stop;
  }
}

void TlsStream::close() {
  if (descriptor() >= 0 && SSL_is_init_finished(connection_) &&
      !(ending_ && ending_->kind != IoResult::Kind::end)) {
    ERR_clear_error();
    SSL_shutdown(connection_);
    ERR_clear_error();
  }
  Socket::close();
}

}  // namespace punctual::net
