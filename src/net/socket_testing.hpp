// For tests: real sockets on the loopback interface, one end as a Stream, the other as a bare blocking
// descriptor or as a Stream too.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "net/acceptor.hpp"
#include "net/loop.hpp"
#include "net/loop_testing.hpp"

namespace punctual::net {

// A descriptor that closes itself. One thread.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  int number() const { return number_; }

 private:
  int number_;
};

// A blocking connection to where `acceptor` listens on 127.0.0.1, by the port at the end of its address.
inline Descriptor connected_to(const Acceptor& acceptor) {
  const std::string local = acceptor.local();
  const auto address = parse_listen_address(local);
  Descriptor descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!address || ::connect(descriptor.number(), reinterpret_cast<const sockaddr*>(&address->address.storage),
                            address->address.length) != 0)
    descriptor.close();
  return descriptor;
}

inline std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

// Blocks until `size` bytes came, or the end, or an error.
inline std::string receive_from(const Descriptor& descriptor, std::size_t size) {
  std::string got(size, '\0');
  const ssize_t count = ::recv(descriptor.number(), got.data(), size, MSG_WAITALL);
  got.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return got;
}

inline IoResult write_text(Stream& stream, std::string_view text) {
  return stream.try_write(std::array{text});
}

}  // namespace punctual::net
