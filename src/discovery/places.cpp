#include "discovery/places.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace punctual::discovery {

namespace {

constexpr std::uint64_t port_max = 65535;

std::optional<std::uint16_t> port_in(std::string_view text) {
  const auto port = base::parse_unsigned(text);
  if (!port || *port == 0 || *port > port_max) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

// What stands behind the last colon of "host:port", of "[::1]:port", of "http://host:port/".
std::optional<std::uint16_t> port_behind(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return port_in(address.substr(colon + 1));
}

// Nothing when it is on another machine, or as usual.
std::optional<std::uint16_t> ollama_port(std::string_view host) {
  if (const auto scheme = host.find("://"); scheme != std::string_view::npos) host.remove_prefix(scheme + 3);
  host = host.substr(0, host.find('/'));
  const auto port = port_behind(host);
  if (!port) return std::nullopt;
  const auto name = host.substr(0, host.rfind(':'));
  const bool here = name.empty() || name == "127.0.0.1" || name == "0.0.0.0" || name == "localhost" ||
                    name == "[::1]" || name == "[::]";
  return here ? port : std::nullopt;
}

}  // namespace

std::vector<std::uint16_t> ports_to_ask(const config::Configuration& configuration,
                                        const config::Environment& environment) {
  auto ports = configuration.discovery.ports;
  if (const auto* host = environment.find("OLLAMA_HOST")) {
    if (const auto port = ollama_port(*host)) ports.push_back(*port);
  }
  for (const auto& address : configuration.server.listen) {
    if (const auto own = port_behind(address)) std::erase(ports, *own);
  }
  std::vector<std::uint16_t> once;
  for (const auto port : ports) {
    if (std::ranges::find(once, port) == once.end()) once.push_back(port);
  }
  return once;
}

}  // namespace punctual::discovery
