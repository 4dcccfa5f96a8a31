// A request that runs, as the API shows it.
#pragma once

#include <boost/json.hpp>

#include "gateway/running_requests.hpp"

namespace punctual::control {

boost::json::object running_document(const gateway::RunningRequest& request);

}  // namespace punctual::control
