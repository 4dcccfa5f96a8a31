#include "pool/engine_command.hpp"

#include <array>
#include <utility>

namespace punctual::pool {

namespace {

using config::Engine;
using config::LocalModel;

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string filled(std::string text, const LocalModel& model) {
  const auto& url = model.provider.base_url;
  const std::array<std::pair<std::string_view, std::string>, 7> places = {
      {{"{name}", model.name},
       {"{file}", model.file},
       {"{socket}", url.socket_path},
       {"{host}", url.host},
       {"{port}", std::to_string(url.port)},
       {"{context}", std::to_string(model.context)},
       {"{slots}", std::to_string(model.slots)}}};
  for (const auto& [place, value] : places)
    replace_all(text, place, value);
  return text;
}

// Everything that llama-server would decide by itself is said: four slots, four contexts, 8 GiB of cache. A
// small batch ends a cancelled prompt soon; more HTTP threads keep it answering while it computes.
std::vector<std::string> llama_server(const LocalModel& model) {
  std::vector<std::string> words = {"-m",
                                    model.file,
                                    "-a",
                                    model.name,
                                    "-c",
                                    std::to_string(std::uint64_t{model.context} * model.slots),
                                    "-np",
                                    std::to_string(model.slots),
                                    "-b",
                                    "512",
                                    "--cache-ram",
                                    "0",
                                    "--threads-http",
                                    "64",
                                    "--no-webui"};
  const auto& url = model.provider.base_url;
  if (url.socket_path.empty()) {
    words.insert(words.end(), {"--host", url.host, "--port", std::to_string(url.port)});
  } else {
    words.insert(words.end(), {"--host", url.socket_path});
  }
  if (!model.projector.empty()) words.insert(words.end(), {"--mmproj", model.projector});
  return words;
}

std::vector<std::string> vllm(const LocalModel& model) {
  std::vector<std::string> words = {"serve",
                                    model.file,
                                    "--served-model-name",
                                    model.name,
                                    "--max-model-len",
                                    std::to_string(model.context),
                                    "--max-num-seqs",
                                    std::to_string(model.slots)};
  const auto& url = model.provider.base_url;
  if (url.socket_path.empty()) {
    words.insert(words.end(), {"--host", url.host, "--port", std::to_string(url.port)});
  } else {
    words.insert(words.end(), {"--uds", url.socket_path});
  }
  return words;
}

std::vector<std::string> mlx_lm(const LocalModel& model) {
  const auto& url = model.provider.base_url;
  return {"--model", model.file, "--host", url.host, "--port", std::to_string(url.port)};
}

}  // namespace

std::vector<std::string> engine_command(const LocalModel& model) {
  std::vector<std::string> words = model.command;
  std::vector<std::string> own;
  switch (model.engine) {
    case Engine::llama_server:
      if (words.empty()) words = {"llama-server"};
      own = llama_server(model);
      break;
    case Engine::vllm:
      if (words.empty()) words = {"vllm"};
      own = vllm(model);
      break;
    case Engine::mlx_lm:
      if (words.empty()) words = {"mlx_lm.server"};
      own = mlx_lm(model);
      break;
    case Engine::ollama:
      return {};
    case Engine::command:
      break;
  }
  for (auto& word : words)
    word = filled(std::move(word), model);
  words.insert(words.end(), own.begin(), own.end());
  for (const auto& argument : model.arguments)
    words.push_back(filled(argument, model));
  return words;
}

std::vector<std::string> engine_environment(const LocalModel& model) {
  if (model.provider.api_key.empty()) return {};
  const std::string_view name = model.engine == Engine::vllm ? "VLLM_API_KEY=" : "LLAMA_API_KEY=";
  return {std::string(name).append(model.provider.api_key.reveal())};
}

}  // namespace punctual::pool
