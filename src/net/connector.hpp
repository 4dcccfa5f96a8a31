// The real network: resolves, connects (several addresses in a race, RFC 8305), shakes hands.
//
// One per loop. The resolver may be shared; the TLS context belongs to the loop. Both, and the connector,
// outlive the streams that it makes.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>

#include "net/loop.hpp"
#include "net/network.hpp"
#include "net/resolver.hpp"
#include "net/tls_context.hpp"

namespace punctual::net {

class Connector final : public Network {
 public:
  Connector(Loop& loop, Resolver& resolver, TlsContext& tls) : loop_(loop), resolver_(resolver), tls_(tls) {}

  std::unique_ptr<Connecting> connect(const Endpoint& endpoint, base::Signals& signals,
                                      base::Signals::Mask done) override;

 private:
  std::expected<TlsContext*, std::string> context_for(const Endpoint& endpoint);

  Loop& loop_;
  Resolver& resolver_;
  TlsContext& tls_;
  std::map<std::string, std::unique_ptr<TlsContext>> own_trust_;  // by CA file
};

}  // namespace punctual::net
