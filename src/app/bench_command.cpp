#include "app/bench_command.hpp"

#include <CLI/CLI.hpp>

#include "bench/suite.hpp"

namespace punctual::app {

CLI::App* add_bench_command(CLI::App& program, BenchOptions& options) {
  auto* command = program.add_subcommand("bench", "Measure the gateway beside nginx; see docs/benchmarks.md");
  std::vector<std::string> names;
  names.reserve(bench::measurement_names().size());
  for (const auto name : bench::measurement_names())
    names.emplace_back(name);
  std::vector<std::string> targets;
  targets.reserve(bench::all_targets.size());
  for (const auto kind : bench::all_targets)
    targets.emplace_back(bench::name_of(kind));
  const auto number = [&](const std::string& name, std::size_t& value, const std::string& help) {
    command->add_option(name, value, help)->capture_default_str()->check(CLI::Range(1, 1'000'000));
  };
  command->add_option("--only", options.only, "Only these measurements")->check(CLI::IsMember(names));
  command->add_option("--target", options.targets, "Only these targets")->check(CLI::IsMember(targets));
  number("--rounds", options.rounds, "Of requests and chunks, target after target; medians are shown");
  command->add_option("--seconds", options.seconds, "Of each timed part")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0));
  number("--connections", options.connections, "Saturated: requests or streams at a time");
  number("--rate", options.requests_per_second, "Paced: requests per second");
  number("--streams", options.streams, "Paced: streams");
  number("--events", options.events_per_second, "Paced: events per second of each stream");
  number("--open-streams", options.open_streams, "Of memory and lateness");
  number("--samples", options.samples, "Of hangup, for each state");
  command->add_option("--proxy-core", options.proxy_core, "The core of the proxy")->capture_default_str();
  command->add_option("--load-core", options.load_core, "The core of load and upstream")
      ->capture_default_str();
  command->add_option("--nginx", options.nginx, "The program nginx")->capture_default_str();
  command
      ->add_option("--under", options.under, "Run the proxy under this program: a profiler with its options")
      ->type_name("COMMAND");
  return command;
}

}  // namespace punctual::app
