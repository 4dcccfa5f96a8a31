// The command `punctual bench`: the gateway beside nginx and beside nothing, in figures. See
// docs/benchmarks.md.
#pragma once

#include <string>
#include <vector>

namespace punctual::app {

struct BenchOptions {
  std::vector<std::string> only;
  std::vector<std::string> targets;
  std::size_t rounds = 3;
  double seconds = 2;
  std::size_t connections = 64;
  std::size_t requests_per_second = 1000;
  std::size_t streams = 1000;
  std::size_t events_per_second = 10;
  std::size_t open_streams = 5000;
  std::size_t samples = 1000;
  int proxy_core = 0;
  int load_core = 1;
  std::string nginx = "nginx";
  std::string under;
};

int bench(const BenchOptions& options);

}  // namespace punctual::app
