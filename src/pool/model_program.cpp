#include "pool/model_program.hpp"

#include <filesystem>

#include "pool/engine_command.hpp"
#include "process/command.hpp"

namespace punctual::pool {

std::string_view advice_for(config::Engine engine) {
  switch (engine) {
    case config::Engine::llama_server:
      return "llama-server is not in the PATH. Get it with `brew install llama.cpp`, `nix profile install "
             "nixpkgs#llama-cpp`, or as a ready build from https://github.com/ggml-org/llama.cpp/releases.";
    case config::Engine::vllm:
      return "vllm is not in the PATH. Get it with `uv tool install vllm` or `pip install vllm`.";
    case config::Engine::mlx_lm:
      return "mlx_lm.server is not in the PATH. Get it with `uv tool install mlx-lm` or `pip install "
             "mlx-lm`; "
             "it needs Apple silicon.";
    case config::Engine::ollama:
    case config::Engine::command:
      break;
  }
  return "The program is not there: check its name and the PATH of the gateway.";
}

Program program_of(const config::LocalModel& model, const char* const* environment) {
  const auto words = engine_command(model);
  if (words.empty()) return {};
  Program program{
      words.front(), process::find_program(words.front(), process::child_environment(environment, {})), {}};
  std::error_code error;
  if (!program.path.empty() && !std::filesystem::exists(program.path, error)) program.path.clear();
  if (program.path.empty())
    program.advice = advice_for(model.command.empty() ? model.engine : config::Engine::command);
  return program;
}

}  // namespace punctual::pool
