#include "config/timeouts.hpp"

namespace punctual::config {

using deadline::Phase;

const deadline::Limit& Timeouts::total_of(Endpoint endpoint) const {
  switch (endpoint) {
    case Endpoint::completions:
      return completions;
    case Endpoint::embeddings:
      return embeddings;
    case Endpoint::chat:
      break;
  }
  return chat;
}

deadline::Limits Timeouts::limits_for(Endpoint endpoint) const {
  deadline::Limits limits;
  limits[Phase::total] = total_of(endpoint);
  limits[Phase::receive] = receive;
  limits[Phase::queue] = queue;
  limits[Phase::load] = load;
  limits[Phase::connect] = connect;
  limits[Phase::first_token] = first_token;
  limits[Phase::idle] = idle;
  limits[Phase::attempt] = attempt;
  limits[Phase::drain] = drain;
  return limits;
}

}  // namespace punctual::config
