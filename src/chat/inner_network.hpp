// A network on which there is only the gateway itself: each connection is memory, and ends at the listener of
// the same core, at its door for requests of its own.
#pragma once

#include <string>

#include "gateway/core.hpp"
#include "net/network.hpp"

namespace punctual::chat {

class InnerNetwork final : public net::Network {
 public:
  // `client`: who is behind the requests, for their records. The core outlives it.
  InnerNetwork(gateway::Core& core, std::string client) : core_(core), client_(std::move(client)) {}

  std::unique_ptr<net::Connecting> connect(const net::Endpoint& endpoint, base::Signals& signals,
                                           base::Signals::Mask done) override;

 private:
  gateway::Core& core_;
  std::string client_;
};

}  // namespace punctual::chat
