#include "config/configuration.hpp"

namespace punctual::config {

const Provider* Configuration::provider_named(std::string_view name) const {
  for (const Provider& provider : providers) {
    if (provider.name == name) return &provider;
  }
  return nullptr;
}

const LocalModel* Configuration::model_named(std::string_view name) const {
  for (const LocalModel& model : models) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

std::string_view name_of(Engine engine) {
  switch (engine) {
    case Engine::llama_server:
      return "llama-server";
    case Engine::vllm:
      return "vllm";
    case Engine::mlx_lm:
      return "mlx-lm";
    case Engine::ollama:
      return "ollama";
    case Engine::command:
      return "command";
  }
  return "unknown";
}

std::string_view name_of(ProviderKind kind) {
  switch (kind) {
    case ProviderKind::openai:
      return "openai";
    case ProviderKind::anthropic:
      return "anthropic";
    case ProviderKind::simulated:
      return "simulated";
  }
  return "unknown";
}

std::string_view name_of(Match match) {
  switch (match) {
    case Match::exact:
      return "exact";
    case Match::prefix:
      return "prefix";
    case Match::glob:
      return "glob";
    case Match::regex:
      return "regex";
  }
  return "unknown";
}

std::string_view name_of(Balance balance) {
  switch (balance) {
    case Balance::in_order:
      return "in_order";
    case Balance::weighted:
      return "weighted";
    case Balance::least_loaded:
      return "least_loaded";
  }
  return "unknown";
}

}  // namespace punctual::config
