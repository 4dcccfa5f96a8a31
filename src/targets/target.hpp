// What is known of one target, a model at a provider, by all cores together: its breaker, its load, its
// slots.
//
// Any thread: atomics, and the queue's own rules. Lives as long as somebody holds it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "targets/breaker.hpp"
#include "targets/slot_queue.hpp"

namespace punctual::targets {

class Target {
 public:
  Target(std::string provider, std::string model, const SlotQueue::Post& home)
      : provider(std::move(provider)), model(std::move(model)), slots(std::make_shared<SlotQueue>(home)) {}
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  // For logs: "provider/model".
  std::string name() const { return provider + "/" + model; }

  // The upstream asked to be left alone for a while (Retry-After): others are tried first until then.
  void pause_until(deadline::Instant until) {
    paused_until_.store(until.time_since_epoch().count(), std::memory_order_relaxed);
  }
  bool paused(deadline::Instant now) const {
    return paused_until_.load(std::memory_order_relaxed) > now.time_since_epoch().count();
  }

  const std::string provider;
  const std::string model;
  Breaker breaker;
  const std::shared_ptr<SlotQueue> slots;
  std::atomic<std::uint32_t> in_flight = 0;
  std::atomic<std::uint64_t> calls = 0;
  std::atomic<std::uint64_t> failures = 0;
  std::atomic<bool> unreachable = false;  // at the last failure nothing could be reached there

 private:
  std::atomic<deadline::Instant::rep> paused_until_ = 0;
};

}  // namespace punctual::targets
