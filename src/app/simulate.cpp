#include "app/simulate.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <thread>
#include <vector>

#include "app/process_signals.hpp"
#include "net/address.hpp"
#include "sim/simulator_server.hpp"

namespace punctual::app {

int simulate(const SimulateOptions& options) {
  block_signals();
  const deadline::SystemClock clock;
  sim::Counters counters;
  std::vector<std::unique_ptr<sim::SimulatorServer>> servers;
  std::string local = options.listen;
  for (std::uint32_t i = 0; i < std::max(options.threads, 1u); ++i) {
    const auto address = net::parse_listen_address(local);
    if (!address) {
      fmt::print(stderr, "punctual sim: --listen {}: not an address; write 127.0.0.1:9090 or unix:/path\n",
                 local);
      return 1;
    }
    auto server = sim::SimulatorServer::listen(clock, *address, counters);
    if (!server) {
      fmt::print(stderr, "punctual sim: {}\n", server.error());
      return 1;
    }
    // The other threads share the port that the first one got.
    local = (*server)->local();
    servers.push_back(std::move(*server));
  }
  std::vector<std::jthread> threads;
  threads.reserve(servers.size());
  for (auto& server : servers)
    threads.emplace_back([&server] { server->run(); });
  fmt::print("listening on {}{}\n", local.starts_with("unix:") ? "" : "http://", local);
  std::fflush(stdout);
  while (wait_for_signal() != ProcessSignal::terminate) {
  }
  for (auto& server : servers)
    server->stop();
  return 0;
}

}  // namespace punctual::app
