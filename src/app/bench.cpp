#include "app/bench.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>

#include "base/text.hpp"
#include "bench/suite.hpp"

namespace punctual::app {

int bench(const BenchOptions& options) {
  bench::SuiteOptions suite;
  suite.only = options.only;
  suite.targets = options.targets;
  suite.rounds = options.rounds;
  suite.load = {.seconds = deadline::from_seconds(options.seconds),
                .connections = options.connections,
                .requests_per_second = options.requests_per_second,
                .streams = options.streams,
                .events_per_second = options.events_per_second,
                .open_streams = options.open_streams,
                .samples = options.samples};
  std::error_code error;
  suite.target.own_program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  suite.target.nginx_program = options.nginx;
  for (std::string_view left = options.under; !left.empty();) {
    if (const auto word = base::take_item(left, ' '); !word.empty()) suite.target.under.emplace_back(word);
  }
  suite.target.proxy_core = options.proxy_core;
  suite.target.load_core = options.load_core;
  const auto outcome = bench::run_suite(std::move(suite), [](std::string_view text) {
    fmt::print("{}", text);
    std::fflush(stdout);
  });
  if (outcome) return 0;
  fmt::print(stderr, "punctual bench: {}\n", outcome.error());
  return 1;
}

}  // namespace punctual::app
