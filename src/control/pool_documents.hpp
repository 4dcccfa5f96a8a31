// The model pool as the API shows it.
#pragma once

#include <boost/json.hpp>

#include "control/services.hpp"
#include "pool/engine_view.hpp"

namespace punctual::control {

// One model, of the settings that hold now; of one that was taken out of them what its engine does.
boost::json::object pooled_model_document(Services& services, const pool::EngineView& engine);

boost::json::object pool_document(Services& services, const pool::PoolView& view);

}  // namespace punctual::control
