#include "config/endpoint.hpp"

namespace punctual::config {

std::string_view name_of(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::chat:
      return "chat";
    case Endpoint::completions:
      return "completions";
    case Endpoint::embeddings:
      return "embeddings";
  }
  return "unknown";
}

}  // namespace punctual::config
