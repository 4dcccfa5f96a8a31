// `punctual serve`: the gateway, from its options to its orderly end. Errors go to standard error, one
// sentence each; the exit code is returned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace punctual::app {

struct ServeOptions {
  std::string config_file;
  std::vector<std::string> listen;
  std::string data;
  std::optional<std::uint32_t> threads;
};

// Until SIGTERM or SIGINT, and then until all requests have ended; a second signal ends them at once.
int serve(const ServeOptions& options);

}  // namespace punctual::app
