#include "sim/simulator_server.hpp"

namespace punctual::sim {

std::expected<std::unique_ptr<SimulatorServer>, std::string> SimulatorServer::listen(
    const deadline::Clock& clock, const net::ListenAddress& address, Counters& counters) {
  std::unique_ptr<SimulatorServer> server(new SimulatorServer(clock, counters));
  auto acceptor =
      net::Acceptor::listen(server->loop_, address, nullptr,
                            [&simulator = server->simulator_](std::unique_ptr<net::Stream> stream) {
                              simulator.serve(std::move(stream));
                            });
  if (!acceptor) return std::unexpected(acceptor.error());
  server->acceptor_ = std::move(*acceptor);
  return server;
}

void SimulatorServer::run() {
  loop_.run();
  simulator_.shut_down();
  loop_.runtime().ready().run();
}

}  // namespace punctual::sim
