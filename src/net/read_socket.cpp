#include "net/read_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace punctual::net {

namespace {

using Clock = std::chrono::steady_clock;

std::optional<std::string> read_all(int descriptor, const ReadLimits& limits) {
  const auto until = Clock::now() + limits.time;
  std::string all;
  std::array<char, 16384> piece{};
  while (all.size() <= limits.bytes_max) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd wanted{descriptor, POLLIN, 0};
    if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(left)) == 0) return std::nullopt;
    const auto count = ::read(descriptor, piece.data(), piece.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) return all;
    all.append(piece.data(), static_cast<std::size_t>(count));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_socket(const ListenAddress& address, const ReadLimits& limits) {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::nullopt;
  // A Unix socket is connected at once, or not at all.
  const auto* where = reinterpret_cast<const sockaddr*>(&address.address.storage);
  std::optional<std::string> all;
  if (::connect(descriptor, where, address.address.length) == 0) all = read_all(descriptor, limits);
  ::close(descriptor);
  return all;
}

}  // namespace punctual::net
