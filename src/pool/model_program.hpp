// The program that a local model's engine is, and how to get it where it is not there.
#pragma once

#include <string>
#include <string_view>

#include "config/pool.hpp"

namespace punctual::pool {

struct Program {
  std::string name;    // "llama-server"; "": none of ours is started (Ollama)
  std::string path;    // where it would be started from; "": it is not there
  std::string advice;  // a sentence, where it is not there: how to get it
};

// `environment` as `environ`.
Program program_of(const config::LocalModel& model, const char* const* environment);

// How to get the usual program of `engine`: one or two sentences.
std::string_view advice_for(config::Engine engine);

}  // namespace punctual::pool
