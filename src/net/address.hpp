// Socket addresses: what names resolve to, and their text.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace punctual::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

// "127.0.0.1:80", "[::1]:80", "unix".
std::string address_text(const sockaddr_storage& storage);

// From a literal IPv4 or IPv6 address (without brackets); nothing for a name.
std::optional<Address> literal_address(std::string_view host, std::uint16_t port);

// Nothing when the path is too long for the kernel (107 bytes).
std::optional<Address> unix_address(std::string_view path);

// Where to listen, from "127.0.0.1:8080", "[::1]:8080", ":8080" or "*:8080" (every address),
// "localhost:8080" or "unix:/path". Nothing when it is none of these.
struct ListenAddress {
  Address address;
  std::string unix_path;  // empty for TCP
  bool loopback = false;  // reachable from this machine only
};
std::optional<ListenAddress> parse_listen_address(std::string_view text);

// Whether this is the text of an address, not a name: IPv4, or IPv6 in brackets, without a port.
bool is_address(std::string_view host);

}  // namespace punctual::net
