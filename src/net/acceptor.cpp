#include "net/acceptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "net/socket_stream.hpp"
#include "net/tls_stream.hpp"

namespace punctual::net {

namespace {

// With no descriptor left, accepting again at once would only spin.
constexpr auto exhausted_pause = std::chrono::milliseconds(50);
constexpr int backlog = 4096;
constexpr int accepted_per_event_max = 64;

enum class UnixPath { free, abandoned, in_use };

UnixPath look_at(const ListenAddress& address) {
  struct stat status{};
  if (::lstat(address.unix_path.c_str(), &status) != 0) return UnixPath::free;
  if (!S_ISSOCK(status.st_mode)) return UnixPath::in_use;
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int result =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address.address.storage), address.address.length);
  const bool refused = result != 0 && errno == ECONNREFUSED;
  ::close(probe);
  return refused ? UnixPath::abandoned : UnixPath::in_use;
}

}  // namespace

bool address_in_use(const ListenAddress& address) {
  if (!address.unix_path.empty()) return look_at(address) == UnixPath::in_use;
  const auto family = address.address.storage.ss_family;
  const int probe = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  // Connections of the past that linger on the port are no listener.
  const int on = 1;
  const int off = 0;
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(probe, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  const int result =
      ::bind(probe, reinterpret_cast<const sockaddr*>(&address.address.storage), address.address.length);
  const bool in_use = result != 0 && errno == EADDRINUSE;
  ::close(probe);
  return in_use;
}

Acceptor::Acceptor(Loop& loop, int descriptor, TlsContext* tls, Accept accept)
    : loop_(loop),
      descriptor_(descriptor),
      tls_(tls),
      accept_(std::move(accept)),
      pause_(&Acceptor::resume, this) {
  loop_.watch(descriptor_, *this, EPOLLIN);
}

Acceptor::~Acceptor() {
  loop_.forget(descriptor_, *this);
  ::close(descriptor_);
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
}

std::expected<std::unique_ptr<Acceptor>, std::string> Acceptor::listen(Loop& loop,
                                                                       const ListenAddress& address,
                                                                       TlsContext* tls, Accept accept) {
  const auto text =
      address.unix_path.empty() ? address_text(address.address.storage) : "unix:" + address.unix_path;
  const auto family = address.address.storage.ss_family;
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const auto failure = [&](const char* what) {
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    return std::unexpected(std::string("cannot ") + what + " " + text + ": " + std::strerror(error));
  };
  if (descriptor < 0) return failure("create a socket for");
  const int on = 1;
  const int off = 0;
  if (family == AF_UNIX) {
    if (look_at(address) == UnixPath::abandoned) ::unlink(address.unix_path.c_str());
  } else {
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    // Accepted sockets inherit it, which saves a call for each.
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address.address.storage),
             address.address.length) != 0) {
    return failure("listen on");
  }
  if (::listen(descriptor, backlog) != 0) return failure("listen on");
  std::unique_ptr<Acceptor> acceptor(new Acceptor(loop, descriptor, tls, std::move(accept)));
  acceptor->unix_path_ = address.unix_path;
  return acceptor;
}

std::string Acceptor::local() const {
  if (!unix_path_.empty()) return "unix:" + unix_path_;
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &length);
  return address_text(storage);
}

void Acceptor::on_events(std::uint32_t) {
  for (int i = 0; i < accepted_per_event_max; ++i) {
    const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
      if (errno == ECONNABORTED || errno == EINTR) continue;
      if (errno == EAGAIN) return;
      loop_.forget(descriptor_, *this);
      loop_.runtime().wheel().arm(pause_, loop_.runtime().now() + exhausted_pause);
      return;
    }
    if (!tls_) {
      accept_(std::make_unique<SocketStream>(loop_, accepted));
    } else if (ssl_st* connection = tls_->accept()) {
      accept_(std::make_unique<TlsStream>(loop_, accepted, connection));
    } else {
      ::close(accepted);
    }
  }
}

void Acceptor::resume(void* self) {
  auto& acceptor = *static_cast<Acceptor*>(self);
  acceptor.loop_.watch(acceptor.descriptor_, acceptor, EPOLLIN);
}

}  // namespace punctual::net
