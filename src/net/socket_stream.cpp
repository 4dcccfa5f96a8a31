#include "net/socket_stream.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "net/address.hpp"

namespace punctual::net {

Socket::Socket(Loop& loop, int descriptor) : loop_(loop), descriptor_(descriptor) {
  if (loop_.watch(descriptor_, *this, Loop::stream_events)) return;
  error_ = errno;
  ::close(std::exchange(descriptor_, -1));
  readable_ = peer_closed_ = true;
}

Socket::~Socket() {
  Socket::close();
}

void Socket::bind(base::Signals* signals, base::Signals::Mask on_readable, base::Signals::Mask on_writable) {
  signals_ = signals;
  on_readable_ = on_readable;
  on_writable_ = on_writable;
  if (signals_ && readable_) signals_->raise(on_readable_);
}

void Socket::raise(base::Signals::Mask bits) {
  if (signals_) signals_->raise(bits);
}

void Socket::on_events(std::uint32_t events) {
  base::Signals::Mask bits = 0;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
    readable_ = true;
    bits |= on_readable_;
  }
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) peer_closed_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) bits |= on_writable_;
  raise(bits);
}

IoResult Socket::receive(std::span<char> into) {
  if (descriptor_ < 0) return IoResult::broken(error_ ? error_ : EBADF);
  if (!readable_) return IoResult::blocked();
  if (into.empty()) return IoResult::moved(0);
  ssize_t count = 0;
  do {
    count = ::recv(descriptor_, into.data(), into.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    const auto bytes = static_cast<std::size_t>(count);
    // No edge will tell of what the read left behind, nor, after the peer closed, of the end.
    readable_ = bytes == into.size() || peer_closed_;
    if (readable_) raise(on_readable_);
    return IoResult::moved(bytes);
  }
  if (count < 0 && errno == EAGAIN) {
    readable_ = false;
    return IoResult::blocked();
  }
  peer_closed_ = true;
  if (count < 0 && error_ == 0) error_ = errno;
  return error_ ? IoResult::broken(error_) : IoResult::ended();
}

IoResult Socket::send(std::span<const std::string_view> pieces) {
  if (descriptor_ < 0) return IoResult::broken(error_ ? error_ : EBADF);
  constexpr std::size_t pieces_max = 64;
  std::array<iovec, pieces_max> vectors;
  const std::size_t count = std::min(pieces.size(), pieces_max);
  for (std::size_t i = 0; i < count; ++i) {
    vectors[i] = {.iov_base = const_cast<char*>(pieces[i].data()), .iov_len = pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  ssize_t written = 0;
  do {
    written = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
  } while (written < 0 && errno == EINTR);
  if (written >= 0) return IoResult::moved(static_cast<std::size_t>(written));
  if (errno == EAGAIN) return IoResult::blocked();
  const int error = errno;
  // The kernel reports a reset once, here or to a read; a read after it would look like an end in order.
  // EPIPE is different: the peer had finished sending before, what it sent is whole.
  if (error != EPIPE && error_ == 0) error_ = error;
  return IoResult::broken(error);
}

void Socket::close() {
  if (descriptor_ < 0) return;
  discard_unread();
  loop_.forget(descriptor_, *this);
  ::close(std::exchange(descriptor_, -1));
  readable_ = false;
  peer_closed_ = true;
}

// The kernel answers a close with unread bytes by a reset, which takes what was written along.
void Socket::discard_unread() {
  constexpr std::size_t chunk_bytes = 16 * 1024;
  constexpr int chunks_max = 16;
  std::array<char, chunk_bytes> unread;
  for (int i = 0; readable_ && i < chunks_max; ++i)
    readable_ = ::recv(descriptor_, unread.data(), unread.size(), 0) == static_cast<ssize_t>(unread.size());
}

void Socket::abort() {
  if (descriptor_ < 0) return;
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  Socket::close();
}

std::string Socket::peer() const {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return "closed";
  return address_text(storage);
}

}  // namespace punctual::net
