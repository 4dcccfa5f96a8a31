// What was found on this machine. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pool/gguf.hpp"

namespace punctual::discovery {

enum class ServerKind : std::uint8_t { ollama, llama_server, vllm, lm_studio, mlx_lm };

// "ollama", "llama-server", "vllm", "lm-studio", "mlx-lm"; where there is a preset of it, that has the name.
std::string_view name_of(ServerKind kind);
// For people: "Ollama".
std::string_view title_of(ServerKind kind);

struct FoundServer {
  ServerKind kind = ServerKind::ollama;
  std::uint16_t port = 0;
  std::string version;  // as it says; "": it does not
  std::vector<std::string> models;
  std::size_t model_count = 0;  // `models` has at most `models_max`

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port) + "/v1"; }
};

inline constexpr std::size_t models_max = 200;

struct FoundFile {
  std::string path;
  std::string projector;  // the file for images that lies beside it, if there is just one; "": none
  std::string name;       // how it could be called: "qwen3-8b-q4_k_m"
  pool::Gguf header;
};

struct FoundFiles {
  std::vector<FoundFile> files;      // by path
  std::vector<std::string> folders;  // that are there and were walked
  bool complete = true;              // false: cut short, by time or number
};

}  // namespace punctual::discovery
