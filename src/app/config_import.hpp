// `punctual config import`: the timeouts of the server that was there before, from its environment variables,
// as a section of the configuration file or as stored settings.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "config/environment.hpp"

namespace CLI {
class App;
}

namespace punctual::app {

struct ImportedTimeout {
  std::string_view variable;  // "MLX_SERVER_TIMEOUT_CHAT_SECONDS"
  std::string_view name;      // "chat_seconds"
  double seconds = 0;
};

// Those that are set. The errors: one sentence for each variable whose value is no number of seconds.
std::expected<std::vector<ImportedTimeout>, std::vector<std::string>> old_timeouts(
    const config::Environment& environment);

// The section [timeouts].
std::string timeouts_toml(const std::vector<ImportedTimeout>& timeouts);

struct ImportOptions {
  bool store = false;
  std::string config_file;
  std::string data;
};

int import_configuration(const ImportOptions& options, const config::Environment& environment);

// Adds `import` to the commands of `config`; `result` becomes its exit code.
void add_import_command(CLI::App& config, ImportOptions& options, int& result);

}  // namespace punctual::app
