// A real call to a provider, to see whether it can be reached and takes its key: the list of its models,
// which costs no tokens.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "deadline/clock.hpp"

namespace punctual::gateway {

class Core;

struct ProbeResult {
  bool good = false;
  int status = 0;      // 0: no answer came
  std::string detail;  // one sentence for people, without the key
  deadline::Duration connect{};
  deadline::Duration duration{};
  std::vector<std::string> models;  // at most `probed_models_max`
  std::size_t model_count = 0;
};

inline constexpr std::size_t probed_models_max = 200;
inline constexpr deadline::Duration probe_limit = std::chrono::seconds(15);

// On the core's thread; `done` too, later. `configuration` owns the provider.
void probe_provider(Core& core, std::shared_ptr<const config::Configuration> configuration,
                    const config::Provider& provider, std::function<void(ProbeResult)> done);

}  // namespace punctual::gateway
