#include "pool/model_files.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "pool/gguf.hpp"

namespace punctual::pool {

namespace {

using config::Engine;
using Problem = std::optional<std::string>;

bool is_gguf_name(std::string_view file) {
  return file.ends_with(".gguf");
}

std::string quoted(const std::string& file) {
  return "is \"" + file + "\"";
}

Problem problem_with_path(const std::string& file) {
  if (!file.starts_with('/')) return quoted(file) + ": give the whole path, such as /models/qwen3-8b.gguf";
  std::error_code error;
  if (std::filesystem::exists(file, error)) return std::nullopt;
  return quoted(file) + ", which the gateway does not find there" + (error ? ": " + error.message() : "");
}

Problem problem_with_gguf(const std::string& file, bool projector) {
  if (auto problem = problem_with_path(file)) return problem;
  const auto read = read_gguf(file);
  if (!read) return "cannot be used: " + read.error();
  const bool is_projector = read->kind == ModelKind::projector;
  if (is_projector == projector) return std::nullopt;
  return quoted(file) + (projector
                             ? ", which is a model and not the file for images of one: it belongs into file"
                             : ", which is the file for images of a model: it belongs into projector");
}

// "org/name", as at Hugging Face.
bool is_hub_name(std::string_view file) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  };
  return std::ranges::all_of(file, is_plain) && std::ranges::count(file, '/') == 1 && file.front() != '/' &&
         file.back() != '/' && file.front() != '.';
}

Problem problem_with_folder(const config::LocalModel& model) {
  const auto& file = model.file;
  if (!file.starts_with('/')) {
    if (is_hub_name(file)) return std::nullopt;
    return quoted(file) + ": give the whole path of the model's folder, or a name such as \"org/name\"";
  }
  if (auto problem = problem_with_path(file)) return problem;
  if (model.engine == Engine::vllm && is_gguf_name(file)) return problem_with_gguf(file, false);
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return std::nullopt;
  return quoted(file) + ", which is a file: give the folder of the model";
}

Problem problem_with_file(const config::LocalModel& model) {
  switch (model.engine) {
    case Engine::llama_server:
      return problem_with_gguf(model.file, false);
    case Engine::vllm:
    case Engine::mlx_lm:
      return problem_with_folder(model);
    case Engine::command:
      if (is_gguf_name(model.file)) return problem_with_gguf(model.file, false);
      return model.file.starts_with('/') ? problem_with_path(model.file) : std::nullopt;
    case Engine::ollama:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FileProblem> problem_with_files(const config::LocalModel& model) {
  if (auto problem = problem_with_file(model)) return FileProblem{"file", std::move(*problem)};
  if (model.projector.empty()) return std::nullopt;
  if (auto problem = problem_with_gguf(model.projector, true))
    return FileProblem{"projector", std::move(*problem)};
  return std::nullopt;
}

}  // namespace punctual::pool
