// The routes that generate nothing: health, readiness, metrics, the list of models, the pages of the web UI;
// and the answers for paths and methods that do not exist.
#pragma once

#include "gateway/core.hpp"
#include "gateway/reply.hpp"
#include "http/head.hpp"

namespace punctual::gateway {

// What has to be awaited before `answer_plain_route` can answer; for most routes nothing.
base::Task<void> prepare_plain_route(Core& core, const http::RequestHead& head, deadline::Watch& watch);

void answer_plain_route(Core& core, const http::RequestHead& head, const ReplyContext& context,
                        relay::ClientWriter& client);

}  // namespace punctual::gateway
