#include "app/doctor_probe.hpp"

#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "base/text.hpp"
#include "probe/run.hpp"
#include "probe/words.hpp"

namespace punctual::app {

namespace {

constexpr const char* key_variable = "PUNCTUAL_API_KEY";

int wrong(std::string_view message) {
  fmt::print(stderr, "punctual doctor: {}\n", message);
  return 2;
}

// The error is one sentence.
std::expected<config::Secret, std::string> key_of(const ProbeCommandOptions& options) {
  if (!options.key.empty()) return config::Secret(options.key);
  std::string text;
  if (options.key_file == "-") {
    std::getline(std::cin, text);
  } else if (!options.key_file.empty()) {
    std::ifstream file(options.key_file);
    if (!file) return std::unexpected("--key-file " + options.key_file + " cannot be read");
    std::getline(file, text);
  } else if (const char* value = std::getenv(key_variable)) {
    text = value;
  }
  return config::Secret(std::string(base::trimmed(text)));
}

}  // namespace

int probe_way(const ProbeCommandOptions& options) {
  auto url = config::parse_url(options.url);
  if (!url) return wrong("--url is \"" + options.url + "\": " + url.error());
  if (!url->path_prefix.ends_with("/v1"))
    return wrong("--url is \"" + options.url +
                 "\": give the address of the API as clients have it; it ends with /v1");
  const double longest_most = deadline::seconds(probe::stall_max);
  if (options.longest != 0 && (options.longest < 1 || options.longest > longest_most))
    return wrong(fmt::format("--longest is {:g}: give 1 to {:g} seconds", options.longest, longest_most));
  auto key = key_of(options);
  if (!key) return wrong(key.error());
  probe::RunOptions run_options;
  run_options.url = std::move(*url);
  run_options.key = std::move(*key);
  run_options.ca_file = options.ca_file;
  if (options.longest > 0) run_options.longest = deadline::from_seconds(options.longest);
  run_options.tell = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  const deadline::SystemClock clock;
  const auto run = probe::run_probe(std::move(run_options), clock);
  if (!run) {
    fmt::print(stderr, "punctual doctor: {}\n", run.error());
    return 1;
  }
  if (options.json) {
    fmt::print("{}\n", boost::json::serialize(probe::document_of(*run)));
  } else {
    fmt::print("{}", probe::text_of(*run));
  }
  return probe::harms(*run) ? 1 : 0;
}

}  // namespace punctual::app
