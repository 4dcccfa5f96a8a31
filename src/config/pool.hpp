// Local models and the memory that they share.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "deadline/limits.hpp"

namespace punctual::config {

struct MemoryLimit {
  double fraction = 0.8;    // of the machine's memory, above 0 and at most 1
  std::uint64_t bytes = 0;  // where not 0, this counts and not the fraction
};

struct Pool {
  MemoryLimit memory_limit;
  deadline::Limit idle_unload{std::chrono::seconds(900)};  // none: never
};

enum class Engine : std::uint8_t { llama_server, vllm, mlx_lm, ollama, command };

struct LocalModel {
  std::string name;  // unique
  Engine engine = Engine::llama_server;
  std::string file;
  std::uint32_t slots = 1;
  bool pinned = false;
  deadline::LimitOverrides timeouts;
};

}  // namespace punctual::config
