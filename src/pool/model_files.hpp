// Whether the files that the settings of a local model name are what its engine needs. Reads them: not on a
// loop's thread. Asked when they are given; a file that vanishes later is for the engine to tell.
#pragma once

#include <optional>
#include <string>

#include "config/pool.hpp"

namespace punctual::pool {

struct FileProblem {
  std::string field;    // "file", "projector"
  std::string message;  // "is \"models/x.gguf\": give the whole path, such as ..."
};

// llama-server: a GGUF file with a model. vLLM and mlx-lm: a folder (vLLM also a GGUF file) or a name at
// Hugging Face ("org/name"). A command: whatever it likes, but a path that is there. Ollama: a name.
std::optional<FileProblem> problem_with_files(const config::LocalModel& model);

}  // namespace punctual::pool
