// `punctual models`: the local models, on the database itself, whether a gateway runs on it or not; one that
// runs takes over what is changed within a second or two. `discover` looks what this machine has already.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace punctual::app {

struct ModelsOptions {
  std::string config_file;
  std::string data;
  std::string file;  // of a new model: a path, or a name that its engine knows
  std::string name;  // of a new one, or of the one to remove
  std::string engine = "llama-server";
  std::string projector;
  std::string url;
  std::string memory;
  std::vector<std::string> arguments;
  std::optional<std::int64_t> slots;
  std::optional<std::int64_t> context;
  std::optional<double> idle_unload_seconds;
  bool pinned = false;
};

// Adds `models` with add, list, remove and discover; `result` becomes the exit code of what was asked for.
void add_models_command(CLI::App& program, ModelsOptions& options, int& result);

int add_model(const ModelsOptions& options);
int list_models(const ModelsOptions& options);
int remove_model(const ModelsOptions& options);
int discover_models(const ModelsOptions& options);

}  // namespace punctual::app
