// One request that waits for a local model to be loaded.
//
// Made by `Pool::join`; its owner asks `state` each time it was woken, on its own thread. Decided once, by
// the pool; who gives up before (`Pool::leave`) gets nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "deadline/clock.hpp"

namespace punctual::pool {

class LoadWaiter {
 public:
  enum class State : std::uint8_t {
    waiting,
    ready,    // it has a lease of the engine
    refused,  // `reason`: a whole sentence
    gone,     // it has given up
  };

  State state() const { return state_.load(std::memory_order_acquire); }
  // Grows while the load goes on; a clock that waits for it restarts then.
  std::uint64_t progress() const { return progress_.load(std::memory_order_relaxed); }

  // After `refused` only.
  const std::string& reason() const { return reason_; }
  deadline::Duration retry_after() const { return retry_after_; }

 private:
  friend class Pool;
  std::atomic<State> state_ = State::waiting;
  std::atomic<std::uint64_t> progress_ = 0;
  std::string reason_;
  deadline::Duration retry_after_{};
  std::function<void()> wake_;
};

}  // namespace punctual::pool
