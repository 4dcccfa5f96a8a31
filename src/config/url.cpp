#include "config/url.hpp"

#include <algorithm>
#include <utility>

#include "base/decimal.hpp"
#include "base/text.hpp"

namespace punctual::config {

namespace {

using Problem = std::unexpected<std::string>;

constexpr std::string_view wanted = "write it as https://host[:port][/path] or unix:/path/to.sock[:/path]";

constexpr std::size_t url_bytes_max = 2048;
constexpr std::size_t socket_path_bytes_max = 107;

Problem problem(std::string_view what) {
  return Problem(std::string(what) + ": " + std::string(wanted));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_path_byte(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("-._~!$&'()*+,;=:@/%").contains(c);
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return result;
}

bool escapes_are_whole(std::string_view path) {
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    if (at + 2 >= path.size() || !is_hex(path[at + 1]) || !is_hex(path[at + 2])) return false;
  }
  return true;
}

std::expected<std::string, std::string> parse_path(std::string_view path) {
  if (!std::ranges::all_of(path, is_path_byte))
    return problem("has a path with a character that cannot stand there");
  if (!escapes_are_whole(path)) return problem("has a % in its path without two hexadecimal digits");
  while (path.ends_with('/'))
    path.remove_suffix(1);
  for (std::string_view rest = path.substr(path.empty() ? 0 : 1); !rest.empty();) {
    const auto segment = rest.substr(0, rest.find('/'));
    if (segment.empty() || segment == "." || segment == "..")
      return problem("has an empty, '.' or '..' segment in its path");
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
  }
  return std::string(path);
}

// `socket[:/path]`
std::expected<Url, std::string> parse_unix(std::string_view rest) {
  Url url{.scheme = Scheme::unix_socket, .host = "localhost", .path_prefix = {}, .socket_path = {}};
  const auto colon = rest.find(":/");
  const auto socket = rest.substr(0, colon);
  if (!socket.starts_with('/') || socket.size() < 2) return problem("names no socket by an absolute path");
  if (socket.size() > socket_path_bytes_max) return problem("has a socket's path longer than 107 bytes");
  url.socket_path = std::string(socket);
  if (colon == std::string_view::npos) return url;
  auto path = parse_path(rest.substr(colon + 1));
  if (!path) return Problem(path.error());
  url.path_prefix = std::move(*path);
  return url;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && !host.starts_with('.') && !host.starts_with('-') &&
         host.find("..") == std::string_view::npos && std::ranges::all_of(host, [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
         });
}

bool is_ipv6(std::string_view host) {
  return host.size() >= 2 && host.size() <= 45 && std::ranges::count(host, ':') >= 2 &&
         std::ranges::all_of(host, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
}

std::expected<void, std::string> parse_authority(std::string_view authority, Url& url) {
  if (authority.contains('@'))
    return problem("has user information, which would end up in logs: use api_key_env");
  std::string_view host = authority;
  std::string_view after;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return problem("has a [ without its ]");
    host = authority.substr(1, end - 1);
    after = authority.substr(end + 1);
    if (!is_ipv6(host)) return problem("has no IPv6 address between its brackets");
    if (!after.empty() && !after.starts_with(':'))
      return problem("has something other than a port after its ]");
  } else {
    const auto colon = authority.find(':');
    host = authority.substr(0, colon);
    after = authority.substr(host.size());
    if (!is_host_name(host)) return problem("has no valid host name");
  }
  url.host = lowered(host);
  if (after.empty()) return {};
  const auto port = base::parse_unsigned(after.substr(1));
  if (!port || *port == 0 || *port > 65535) return problem("has a port that is not between 1 and 65535");
  url.port = static_cast<std::uint16_t>(*port);
  return {};
}

std::uint16_t default_port(Scheme scheme) {
  return scheme == Scheme::https ? 443 : scheme == Scheme::http ? 80 : 0;
}

}  // namespace

std::string Url::host_header() const {
  std::string header;
  append_host_header(header);
  return header;
}

void Url::append_host_header(std::string& out) const {
  if (host.contains(':')) {
    out.append("[").append(host).append("]");
  } else {
    out.append(host);
  }
  if (port == default_port(scheme)) return;
  out.push_back(':');
  base::append_unsigned(out, port);
}

std::string Url::text() const {
  if (scheme == Scheme::unix_socket) {
    return "unix:" + socket_path + (path_prefix.empty() ? "" : ":" + path_prefix);
  }
  return (scheme == Scheme::https ? "https://" : "http://") + host_header() + path_prefix;
}

std::expected<Url, std::string> parse_url(std::string_view text) {
  if (text.empty()) return problem("is empty");
  if (text.size() > url_bytes_max) return problem("is longer than 2048 bytes");
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; })) {
    return problem("has a space, a control character or one outside ASCII");
  }
  if (text.contains('?')) return problem("has a query");
  if (text.contains('#')) return problem("has a fragment");
  if (text.starts_with("unix:")) return parse_unix(text.substr(5));

  Url url;
  const auto scheme_end = text.find("://");
  const auto scheme = text.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos) return problem("has no scheme");
  if (base::equals_ignoring_case(scheme, "https")) {
    url.scheme = Scheme::https;
  } else if (!base::equals_ignoring_case(scheme, "http")) {
    return problem("has a scheme other than http, https and unix");
  }
  url.port = default_port(url.scheme);
  const auto rest = text.substr(scheme_end + 3);
  const auto slash = rest.find('/');
  if (auto parsed = parse_authority(rest.substr(0, slash), url); !parsed) return Problem(parsed.error());
  if (slash == std::string_view::npos) return url;
  auto path = parse_path(rest.substr(slash));
  if (!path) return Problem(path.error());
  url.path_prefix = std::move(*path);
  return url;
}

}  // namespace punctual::config
