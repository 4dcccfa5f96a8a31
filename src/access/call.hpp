// Who does something, and until when it must be done: what every change takes.
//
// A value for one call. The deadline is an instant of the system's clock, as the database waits by that.
#pragma once

#include <optional>
#include <string>

#include "deadline/clock.hpp"

namespace punctual::access {

struct Call {
  std::string actor;                               // "user:ada", "token:admin", "setup"
  std::string request_id;                          // empty: none
  std::optional<deadline::Instant> deadline = {};  // none: the store's own limit
};

}  // namespace punctual::access
