// What everything on one core shares: time, timers, the coroutines that may run, the way to the network.
//
// One per loop, used on its thread only. A test builds one around a ManualClock and an in-memory network.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "base/signals.hpp"
#include "deadline/clock.hpp"
#include "deadline/wheel.hpp"
#include "net/network.hpp"

namespace punctual::net {

class Runtime {
 public:
  explicit Runtime(const deadline::Clock& clock) : clock_(clock), wheel_(clock.now()) {}
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  const deadline::Clock& clock() const { return clock_; }
  deadline::Instant now() const { return clock_.now(); }
  deadline::Wheel& wheel() { return wheel_; }
  base::ReadyQueue& ready() { return ready_; }

  Network& network() { return *network_; }
  void set_network(Network& network) { network_ = &network; }

  // One read's worth of memory that all streams of the core take turns with. What is in it is gone after the
  // next suspension.
  std::span<char> scratch() { return {scratch_->data(), scratch_bytes}; }

  // Bytes after the end of `scratch` that may be read (not used): parsers with wide loads need them.
  static constexpr std::size_t scratch_padding = 64;
  static constexpr std::size_t scratch_bytes = 64 * 1024;

 private:
  const deadline::Clock& clock_;
  base::ReadyQueue ready_;
  deadline::Wheel wheel_;
  Network* network_ = nullptr;
  std::unique_ptr<std::array<char, scratch_bytes + scratch_padding>> scratch_ =
      std::make_unique<std::array<char, scratch_bytes + scratch_padding>>();
};

}  // namespace punctual::net
