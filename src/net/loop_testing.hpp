// For tests: runs a loop until something has happened, and gives up in time instead of hanging.
#pragma once

#include <functional>

#include "net/loop.hpp"

namespace punctual::net {

// Runs rounds of `loop` until `done` says true. False when that took longer than `patience`. What another
// thread does to make `done` true must wake the loop (Loop::post).
inline bool run_until(Loop& loop, const std::function<bool()>& done,
                      deadline::Duration patience = std::chrono::seconds(20)) {
  bool given_up = false;
  deadline::Timer give_up([](void* flag) { *static_cast<bool*>(flag) = true; }, &given_up);
  loop.runtime().wheel().arm(give_up, loop.runtime().now() + patience);
  while (!done()) {
    if (given_up) return false;
    loop.run_once();
  }
  return true;
}

}  // namespace punctual::net
