// Where engines and models that this machine has already are looked for, when somebody asks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace punctual::config {

struct Discovery {
  // Of 127.0.0.1: Ollama, llama-server and mlx_lm, where they go when 8080 is taken, vLLM, LM Studio.
  std::vector<std::uint16_t> ports = {11434, 8080, 8081, 8000, 1234};
  // For *.gguf, with those below them; "~" is the home folder: llama-server's downloads, those of Hugging
  // Face, LM Studio's, and where people keep them.
  std::vector<std::string> folders = {"~/.cache/llama.cpp", "~/.cache/huggingface/hub",
                                      "~/.lmstudio/models", "~/.cache/lm-studio/models",
                                      "~/models",           "/models"};
};

}  // namespace punctual::config
