// Which model server it is that answers. Pure.
//
// What each says of itself, by its sources: llama-server and vLLM name themselves as the owner of every
// model; Ollama has /api/version and /api/tags; LM Studio lists models with publisher and state at
// /api/v0/models; mlx_lm.server is Python's BaseHTTPServer with models that nobody owns.
#pragma once

#include <optional>
#include <string>

#include "discovery/found.hpp"

namespace punctual::discovery {

// An answer to a GET; status 0: there was none.
struct Answer {
  int status = 0;
  std::string server;  // the field Server
  std::string body;
};

// What /v1/models says. `kind` is nothing where others have to be asked too.
struct ModelList {
  bool good = false;     // it is a list of models, or a server that is loading one
  bool unowned = false;  // it has models, and none names an owner
  std::optional<ServerKind> kind;
  std::vector<std::string> models;
  std::size_t model_count = 0;
};
ModelList read_model_list(const Answer& answer);

// The version; nothing when it is not Ollama.
std::optional<std::string> ollama_version(const Answer& version, const Answer& tags);
bool is_lm_studio(const Answer& models);
bool is_mlx_lm(const Answer& answer, const ModelList& list);

// "version" of vLLM's /version, "build_info" of llama-server's /props; "" when it is not said.
std::string version_in(const Answer& answer, std::string_view member);

}  // namespace punctual::discovery
