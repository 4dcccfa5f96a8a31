// The limits of every phase at the widest scope, each with where it comes from.
//
// Plain values. Their sources' names are owned by the Configuration that they stand in.
#pragma once

#include <chrono>

#include "config/endpoint.hpp"
#include "deadline/limits.hpp"

namespace punctual::config {

struct Timeouts {
  deadline::Limit chat{std::chrono::seconds(900)};
  deadline::Limit completions{std::chrono::seconds(600)};
  deadline::Limit embeddings{std::chrono::seconds(120)};
  deadline::Limit receive_head{std::chrono::seconds(30)};
  deadline::Limit receive{std::chrono::seconds(60)};
  deadline::Limit queue;
  deadline::Limit load{std::chrono::seconds(300)};
  deadline::Limit connect{std::chrono::seconds(10)};
  deadline::Limit first_token;
  deadline::Limit idle{std::chrono::seconds(120)};
  deadline::Limit attempt;
  deadline::Limit drain{std::chrono::seconds(60)};
  deadline::Limit heartbeat{std::chrono::seconds(15)};  // how long a stream may be silent; none: off

  const deadline::Limit& total_of(Endpoint endpoint) const;

  // Every phase of a request to `endpoint`; `receive` is that of the whole request, not of its head.
  deadline::Limits limits_for(Endpoint endpoint) const;
};

}  // namespace punctual::config
