#include "sim/simulated_network.hpp"

#include "net/already_connected.hpp"

namespace punctual::sim {

std::unique_ptr<net::Connecting> SimulatedNetwork::connect(const net::Endpoint&, base::Signals& signals,
                                                           base::Signals::Mask done) {
  auto [client, server] = net::memory_stream_pair(runtime_, to_server_, to_client_);
  simulator_.serve(std::move(server));
  signals.raise(done);
  return std::make_unique<net::AlreadyConnected>(std::move(client));
}

}  // namespace punctual::sim
