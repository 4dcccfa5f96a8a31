// Runs something on every core's thread and waits, for a while, until all have done it.
#pragma once

#include <functional>
#include <vector>

#include "app/gateway_thread.hpp"

namespace punctual::app {

// Not on a core's thread. `work` is copied for each; what it refers to must live until the cores end, as a
// slow one may run it after the return. False when not all were done in time.
bool on_all(const std::vector<GatewayThread*>& threads, deadline::Duration limit,
            const std::function<void(gateway::Core&)>& work);

}  // namespace punctual::app
