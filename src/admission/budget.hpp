// The limits of one request: what the settings say, narrowed by its rule and its target, shortened by itself.
//
// Computed here and nowhere else. Scopes: endpoint, then rule, then provider; the narrower replaces the wider
// for its phase. The client's API key and the request may only shorten: the request's own limit exactly, its
// client's patience less a margin, so that the answer is there before the client gives up.
#pragma once

#include <optional>

#include "admission/api_keys.hpp"
#include "api/request_limits.hpp"
#include "config/timeouts.hpp"
#include "deadline/limits.hpp"

namespace punctual::admission {

struct BudgetInputs {
  const config::Timeouts* timeouts = nullptr;
  config::Endpoint endpoint = config::Endpoint::chat;
  const deadline::LimitOverrides* rule = nullptr;      // nullptr: none matched
  const deadline::LimitOverrides* provider = nullptr;  // nullptr: not chosen yet
  api::RequestLimits request;
  std::optional<deadline::Duration> body_timeout;
  const ApiKey* key = nullptr;    // nullptr: the client has none
  bool stream = false;            // the client wants a stream
  bool upstream_streams = false;  // the upstream is asked for one, be it for a client that is not
};

deadline::Limits limits_of(const BudgetInputs& inputs);

// How long a stream to this client may be silent; nothing when heartbeats are off.
std::optional<deadline::Duration> heartbeat_of(const BudgetInputs& inputs);

}  // namespace punctual::admission
