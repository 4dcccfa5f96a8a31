// A network on which every endpoint is a simulator: the built-in provider `sim`, and simulations of the whole
// gateway.
//
// Connections are memory streams; connecting succeeds at once. One loop only.
#pragma once

#include <memory>

#include "net/memory_stream.hpp"
#include "net/network.hpp"
#include "net/runtime.hpp"
#include "sim/simulator.hpp"

namespace punctual::sim {

class SimulatedNetwork final : public net::Network {
 public:
  // Both must outlive the network. `to_server` shapes what the client writes, `to_client` what it reads.
  SimulatedNetwork(net::Runtime& runtime, Simulator& simulator, net::MemoryStreamOptions to_server = {},
                   net::MemoryStreamOptions to_client = {})
      : runtime_(runtime), simulator_(simulator), to_server_(to_server), to_client_(to_client) {}

  std::unique_ptr<net::Connecting> connect(const net::Endpoint& endpoint, base::Signals& signals,
                                           base::Signals::Mask done) override;

 private:
  net::Runtime& runtime_;
  Simulator& simulator_;
  net::MemoryStreamOptions to_server_;
  net::MemoryStreamOptions to_client_;
};

}  // namespace punctual::sim
