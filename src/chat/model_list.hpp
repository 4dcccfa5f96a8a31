// The models that a chat can be had with, as one document: made on a loop, because its core asks the
// providers.
#pragma once

#include "gateway/live_answer.hpp"

namespace punctual::chat {

// {"models": [{"id", "provider", "state" of a local one}]}
class ModelList final : public gateway::LiveAnswer {
 public:
  base::Task<bool> run(gateway::Core& core, deadline::Watch& watch, relay::ClientWriter& client) override;
  void heartbeat(deadline::Instant) override {}
};

}  // namespace punctual::chat
