// Connecting to an upstream, behind an interface that a test or the built-in simulation can take over.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "base/signals.hpp"
#include "net/stream.hpp"

namespace punctual::net {

// Where to connect to. `unix_path` wins over host and port when it is set.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string unix_path;
  std::string ca_file;  // PEM; trusted beside the system's CAs

  bool operator==(const Endpoint&) const = default;
  std::string text() const;  // "api.example.com:443", "[::1]:8080", "unix:/run/engine.sock"
};

enum class ConnectErrorKind : std::uint8_t { unresolved, refused, unreachable, tls_failed, out_of_resources };

struct ConnectError {
  ConnectErrorKind kind = ConnectErrorKind::refused;
  std::string detail;  // one sentence for people: "127.0.0.1:9 refused the connection"
};

// One attempt to connect; destroying it gives up at once.
class Connecting {
 public:
  using Outcome = std::optional<std::expected<std::unique_ptr<Stream>, ConnectError>>;

  virtual ~Connecting() = default;
  // To be called each time the signal was raised: the outcome, once; nothing when it is not known yet.
  virtual Outcome take() = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  // Begins to connect (name resolution, TCP, TLS); raises `done` on `signals` when `take` is to be asked.
  // Sets no time limit of its own: the caller's `connect` phase does.
  virtual std::unique_ptr<Connecting> connect(const Endpoint& endpoint, base::Signals& signals,
                                              base::Signals::Mask done) = 0;
};

}  // namespace punctual::net
