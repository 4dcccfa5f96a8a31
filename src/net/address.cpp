#include "net/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cstring>

#include "base/text.hpp"

namespace punctual::net {

std::string address_text(const sockaddr_storage& storage) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(storage);
    inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(address.sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(storage);
    inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(address.sin6_port));
  }
  return "unix";
}

std::optional<Address> literal_address(std::string_view host, std::uint16_t port) {
  const std::string text(host);
  Address result;
  auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    result.length = sizeof v4;
    return result;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    result.length = sizeof v6;
    return result;
  }
  return std::nullopt;
}

std::optional<Address> unix_address(std::string_view path) {
  Address result;
  auto& address = reinterpret_cast<sockaddr_un&>(result.storage);
  if (path.empty() || path.size() >= sizeof address.sun_path) return std::nullopt;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  result.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return result;
}

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  constexpr std::string_view unix_scheme = "unix:";
  if (text.starts_with(unix_scheme)) {
    const auto path = text.substr(unix_scheme.size());
    const auto address = unix_address(path);
    if (!address) return std::nullopt;
    return ListenAddress{*address, std::string(path), true};
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = base::parse_unsigned(text.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (!host.contains(':')) return std::nullopt;
  } else if (host.contains(':')) {
    return std::nullopt;  // where such an address ends and the port begins, nobody can tell
  }
  if (host == "localhost") host = "127.0.0.1";
  if (host.empty() || host == "*") host = "::";
  const auto address = literal_address(host, static_cast<std::uint16_t>(*port));
  if (!address) return std::nullopt;
  return ListenAddress{*address, {}, host.starts_with("127.") || host == "::1"};
}

bool is_address(std::string_view host) {
  in6_addr address{};
  if (host.starts_with('[') && host.ends_with(']'))
    return inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

}  // namespace punctual::net
