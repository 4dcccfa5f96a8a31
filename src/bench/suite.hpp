// Runs the measurements, target after target, round after round, and gives back the tables.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measures.hpp"

namespace punctual::bench {

struct SuiteOptions {
  std::vector<std::string> only;     // names of measurements; none: all
  std::vector<std::string> targets;  // likewise
  std::size_t rounds = 3;
  LoadOptions load;
  TargetOptions target;
};

std::vector<std::string_view> measurement_names();

// `report` is given text to show as soon as there is some. The error is one sentence.
std::expected<void, std::string> run_suite(SuiteOptions options,
                                           const std::function<void(std::string_view)>& report);

}  // namespace punctual::bench
