// Local models and the memory that they share.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/provider.hpp"
#include "deadline/limits.hpp"

namespace punctual::config {

struct MemoryLimit {
  double fraction = 0.8;    // of the machine's memory, above 0 and at most 1
  std::uint64_t bytes = 0;  // where not 0, this counts and not the fraction
};

struct Pool {
  MemoryLimit memory_limit;
  deadline::Limit idle_unload{std::chrono::seconds(900)};  // none: never
  // One that is loaded stays for so long at least, so that two that are wanted in turn do not chase each
  // other.
  deadline::Duration residence_min = std::chrono::seconds(10);
  // How long an engine may take to let go of a cancelled request; zero: it is believed.
  deadline::Duration free_within = std::chrono::seconds(2);
  bool finish_abandoned_loads = false;  // when nobody waits for them any more
  // Whether models that come through the API may say which program runs and with which arguments: that is to
  // run anything as the gateway's user, so only the file and the environment can allow it.
  bool commands_by_api = false;
};

// The name under which rules, records and the UI know all local models; no provider may have it.
inline constexpr std::string_view pool_provider = "pool";

enum class Engine : std::uint8_t { llama_server, vllm, mlx_lm, ollama, command };

std::string_view name_of(Engine engine);

struct LocalModel {
  std::string id;  // for the API; see overlay.hpp
  Origin origin = Origin::file;
  bool in_file = false;  // what is stored took the place of one in the file
  std::string name;      // unique
  Engine engine = Engine::llama_server;
  std::string file;                    // GGUF, or a folder, or a name that the engine knows
  std::string projector;               // the file for images; "": none
  std::string url;                     // as written; "": the engine's usual place
  std::vector<std::string> command;    // the program and its first arguments; empty: the engine's usual one
  std::vector<std::string> arguments;  // added to those that the engine is given anyway
  std::uint32_t context = 8192;        // tokens of one request
  std::uint32_t slots = 1;             // requests at once
  std::uint64_t memory = 0;            // bytes that it takes; 0: estimated
  bool pinned = false;
  bool pin_stored = false;                     // by the API, over what the file says
  std::optional<deadline::Limit> idle_unload;  // in the place of the pool's
  // How it is called: the name is pool_provider, base_url where the engine listens.
  Provider provider;
};

}  // namespace punctual::config
