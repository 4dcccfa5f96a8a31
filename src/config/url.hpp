// The base address of an upstream: http, https, or HTTP over a unix socket.
//
// "https://api.openai.com/v1", "http://[::1]:8000", "unix:/run/engine.sock", "unix:/run/engine.sock:/v1".
// User info, a query, a fragment, "." and ".." segments and anything outside visible ASCII are refused.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace punctual::config {

enum class Scheme : std::uint8_t { http, https, unix_socket };

struct Url {
  Scheme scheme = Scheme::http;
  std::string host;         // lower case; an IPv6 address without brackets; "localhost" for a unix socket
  std::uint16_t port = 0;   // 0 for a unix socket
  std::string path_prefix;  // "" or "/v1": never ends with '/'
  std::string socket_path;  // absolute; only for a unix socket

  // What goes into the Host header: the port only where it is not the scheme's own, IPv6 in brackets.
  std::string host_header() const;
  void append_host_header(std::string& out) const;

  // The whole, as it was meant: "https://api.openai.com/v1".
  std::string text() const;
};

// The error is what is wrong and what would be right, for people.
std::expected<Url, std::string> parse_url(std::string_view text);

}  // namespace punctual::config
