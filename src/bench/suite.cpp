#include "bench/suite.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace punctual::bench {

namespace {

struct Measure {
  std::string_view name;
  Outcome (*run)(const Measurement&);
  bool repeated;      // each round, or once: what does not swing
  bool many_streams;  // needs load.open_streams
};

constexpr std::array<Measure, 5> measures = {{{"requests", measure_requests, true, false},
                                              {"chunks", measure_chunks, true, false},
                                              {"memory", measure_memory, false, true},
                                              {"lateness", measure_lateness, false, true},
                                              {"hangup", measure_hangup, false, false}}};

bool chosen(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

Outcome run_one(Lab& lab, Upstream& upstream, const Measure& measure, TargetKind kind,
                const SuiteOptions& options, Figures& figures) {
  auto target = Target::start(lab, kind, upstream.port(), options.target);
  if (!target) return std::unexpected(target.error());
  auto outcome = measure.run({lab, upstream, **target, options.load, figures});
  target->reset();
  constexpr auto limit = std::chrono::seconds(5);
  lab.run_until([&] { return upstream.sessions() == 0; }, limit);
  return outcome;
}

Outcome run_measure(Lab& lab, Upstream& upstream, const Measure& measure, const SuiteOptions& options,
                    Figures& figures) {
  const std::size_t rounds = measure.repeated ? options.rounds : 1;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const auto kind : all_targets) {
      if (!chosen(options.targets, name_of(kind))) continue;
      const auto outcome = run_one(lab, upstream, measure, kind, options, figures);
      if (!outcome) figures.note(fmt::format("{}: {}", name_of(kind), outcome.error()));
    }
  }
  return {};
}

}  // namespace

std::vector<std::string_view> measurement_names() {
  std::vector<std::string_view> names;
  names.reserve(measures.size());
  for (const auto& measure : measures)
    names.push_back(measure.name);
  return names;
}

std::expected<void, std::string> run_suite(SuiteOptions options,
                                           const std::function<void(std::string_view)>& report) {
  const std::size_t files = raise_file_limit();
  if (!stay_on_core(options.target.load_core) || !stay_on_core(options.target.proxy_core))
    return std::unexpected("two cores are needed: choose them with --proxy-core and --load-core");
  stay_on_core(options.target.load_core);
  // Here both ends of every stream are in this process, and a proxy has as many.
  constexpr std::size_t other_files = 200;
  const std::size_t open_most = (files - other_files) / 2;
  if (options.load.open_streams > open_most) {
    report(fmt::format("open files are limited to {}: {} streams instead of {}\n", files, open_most,
                       options.load.open_streams));
    options.load.open_streams = open_most;
  }
  // nginx wants many more than it uses, or refuses some.
  options.target.connections =
      std::min(files, 3 * std::max({options.load.open_streams, options.load.streams, std::size_t{1000}}));
  options.target.limits = lateness_limits();

  auto lab = Lab::create();
  if (!lab) return std::unexpected(lab.error());
  auto upstream = Upstream::listen(**lab);
  if (!upstream) return std::unexpected(upstream.error());
  for (const auto& measure : measures) {
    if (!chosen(options.only, measure.name)) continue;
    Figures figures;
    if (auto outcome = run_measure(**lab, **upstream, measure, options, figures); !outcome) return outcome;
    report(fmt::format("\n{}\n{}", measure.name, figures.table()));
  }
  (*upstream)->stop();
  constexpr auto limit = std::chrono::seconds(5);
  (*lab)->run_until([&] { return (*upstream)->sessions() == 0; }, limit);
  return {};
}

}  // namespace punctual::bench
