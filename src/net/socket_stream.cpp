#include "net/socket_stream.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/address.hpp"

namespace punctual::net {

Socket::Socket(Loop& loop, int descriptor) : loop_(loop), descriptor_(descriptor) {
  if (!loop_.watch(descriptor_, *this, Loop::stream_events)) peer_closed_ = true;
}

Socket::~Socket() {
  close();
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
  if (!readable_ || descriptor_ < 0) return descriptor_ < 0 ? IoResult::broken(EBADF) : IoResult::blocked();
  const ssize_t count = ::recv(descriptor_, into.data(), into.size(), 0);
  if (count > 0) {
    const auto bytes = static_cast<std::size_t>(count);
    // After the peer closed no further edge comes: the end is still to be read.
    if (bytes < into.size() && !peer_closed_) readable_ = false;
    return IoResult::moved(bytes);
  }
  if (count == 0) {
    peer_closed_ = true;
    return IoResult::ended();
  }
  if (errno == EAGAIN || errno == EINTR) {
    readable_ = errno == EINTR;
    return IoResult::blocked();
  }
  peer_closed_ = true;
  return IoResult::broken(errno);
}

IoResult SocketStream::try_write(std::span<const std::string_view> pieces) {
  constexpr std::size_t pieces_max = 64;
  std::array<iovec, pieces_max> vectors;
  const std::size_t count = std::min(pieces.size(), pieces_max);
  for (std::size_t i = 0; i < count; ++i) {
    vectors[i] = {.iov_base = const_cast<char*>(pieces[i].data()), .iov_len = pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  const ssize_t written = ::sendmsg(descriptor(), &message, MSG_NOSIGNAL);
  if (written >= 0) return IoResult::moved(static_cast<std::size_t>(written));
  if (errno == EAGAIN || errno == EINTR) return IoResult::blocked();
  return IoResult::broken(errno);
}

void Socket::close() {
  if (descriptor_ < 0) return;
  loop_.forget(descriptor_, *this);
  ::close(descriptor_);
  descriptor_ = -1;
  readable_ = false;
  peer_closed_ = true;
}

void Socket::abort() {
  if (descriptor_ < 0) return;
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

std::string Socket::peer() const {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return "closed";
  return address_text(storage);
}

}  // namespace punctual::net
