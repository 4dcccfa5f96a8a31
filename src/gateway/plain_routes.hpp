// The routes that need no upstream: health, readiness, metrics, the list of models; and the answers for paths
// and methods that do not exist.
#pragma once

#include "gateway/core.hpp"
#include "gateway/reply.hpp"
#include "http/head.hpp"

namespace punctual::gateway {

void answer_plain_route(Core& core, const http::RequestHead& head, const ReplyContext& context,
                        relay::ClientWriter& client);

}  // namespace punctual::gateway
