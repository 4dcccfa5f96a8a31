// The time, for what waits on a database. Deadlines come in as instants of this clock; it is not injected, as
// no test could make a database's own waiting follow another one.
#pragma once

#include "deadline/clock.hpp"

namespace punctual::storage {

inline deadline::Instant now() {
  return deadline::SystemClock().now();
}

inline deadline::WallTime wall_now() {
  return deadline::SystemClock().wall_now();
}

}  // namespace punctual::storage
