// What the management plane asks of the pool of local models: values back, within a time. Implemented by the
// application.
//
// Called on management threads; blocks until the pool has answered or `until` has come (nothing then).
#pragma once

#include <optional>
#include <string>

#include "deadline/clock.hpp"
#include "pool/engine_view.hpp"

namespace punctual::control {

class LocalModels {
 public:
  virtual std::optional<pool::PoolView> view(deadline::Instant until) = 0;
  // False: there is no such model.
  virtual std::optional<bool> load(const std::string& model, deadline::Instant until) = 0;
  // False: there is no such model, or it is not loaded.
  virtual std::optional<bool> unload(const std::string& model, deadline::Instant until) = 0;

 protected:
  ~LocalModels() = default;
};

}  // namespace punctual::control
