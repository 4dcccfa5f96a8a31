// A loop of one's own with all that calls need on it: for a thread that asks something and blocks until it is
// answered, outside of the gateway's cores. One thread only.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "backend/call.hpp"
#include "net/connector.hpp"

namespace punctual::backend {

class OwnLoop {
 public:
  // The error is one sentence: the system's certificates cannot be read.
  static std::expected<std::unique_ptr<OwnLoop>, std::string> create(const deadline::Clock& clock) {
    auto tls = net::TlsContext::client("");
    if (!tls) return std::unexpected(tls.error());
    return std::unique_ptr<OwnLoop>(new OwnLoop(clock, std::move(*tls)));
  }
  OwnLoop(const OwnLoop&) = delete;
  OwnLoop& operator=(const OwnLoop&) = delete;

  Services& services() { return services_; }
  // Until `stop`, which who was spawned on it calls; no connection is left open then.
  void run() {
    loop_.run();
    connections_.clear();
  }
  void stop() { loop_.stop(); }

 private:
  OwnLoop(const deadline::Clock& clock, std::unique_ptr<net::TlsContext> tls)
      : tls_(std::move(tls)), loop_(clock) {}

  std::unique_ptr<net::TlsContext> tls_;
  net::Loop loop_;
  net::Resolver resolver_;
  net::Connector connector_{loop_, resolver_, *tls_};
  ConnectionPool connections_{loop_.runtime()};
  telemetry::Metrics metrics_;
  Services services_{loop_.runtime(), connector_, connector_, connections_, metrics_};
};

}  // namespace punctual::backend
