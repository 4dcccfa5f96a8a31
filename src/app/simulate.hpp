// `punctual sim`: the simulated upstream as a server of its own.
#pragma once

#include <cstdint>
#include <string>

namespace punctual::app {

struct SimulateOptions {
  std::string listen = "127.0.0.1:9090";
  std::uint32_t threads = 1;
};

// Until SIGTERM or SIGINT.
int simulate(const SimulateOptions& options);

}  // namespace punctual::app
