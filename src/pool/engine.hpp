// One local model's engine, as requests see it: whether it can be used now, by whom it is used.
//
// Lives as long as somebody holds it, over changes of the settings too. `leases`, `last_used` and `state` are
// for any thread; what the engine is doing and why is the pool's alone.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "deadline/clock.hpp"
#include "pool/engine_leases.hpp"
#include "pool/engine_state.hpp"

namespace punctual::pool {

class Engine {
 public:
  explicit Engine(std::string name) : name(std::move(name)) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const std::string name;  // the model's
  EngineLeases leases;
  std::atomic<EngineState> state = EngineState::unloaded;
  std::atomic<deadline::Instant::rep> last_used = 0;  // when the last request ended
  // Requests that are with its process, or may still be; fewer than leases where some wait for a slot.
  std::atomic<std::uint32_t> calls = 0;
  std::atomic<std::uint32_t> loads = 0;  // since the start
  std::atomic<std::uint32_t> crashes = 0;
};

// The right to use an engine; it is not unloaded meanwhile. Given back when destroyed. Any thread.
class Lease {
 public:
  Lease() = default;
  // Of one that was taken.
  Lease(std::shared_ptr<Engine> engine, const deadline::Clock& clock)
      : engine_(std::move(engine)), clock_(&clock) {}
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) noexcept {
    if (this == &other) return *this;
    end();
    engine_ = std::move(other.engine_);
    clock_ = other.clock_;
    return *this;
  }
  ~Lease() { end(); }

  // Nothing: the engine is not ready.
  static Lease try_take(std::shared_ptr<Engine> engine, const deadline::Clock& clock) {
    return engine->leases.take() ? Lease(std::move(engine), clock) : Lease();
  }

  explicit operator bool() const { return engine_ != nullptr; }
  void end() {
    const auto engine = std::exchange(engine_, nullptr);
    if (!engine) return;
    engine->last_used.store(clock_->now().time_since_epoch().count(), std::memory_order_relaxed);
    engine->leases.give_back();
  }

 private:
  std::shared_ptr<Engine> engine_;
  const deadline::Clock* clock_ = nullptr;
};

// A request that is with the engine. Ends when destroyed. Any thread.
class EngineCall {
 public:
  EngineCall() = default;
  explicit EngineCall(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {
    engine_->calls.fetch_add(1, std::memory_order_relaxed);
  }
  EngineCall(EngineCall&& other) noexcept = default;
  EngineCall& operator=(EngineCall&& other) noexcept {
    if (this == &other) return *this;
    end();
    engine_ = std::move(other.engine_);
    return *this;
  }
  ~EngineCall() { end(); }

  void end() {
    const auto engine = std::exchange(engine_, nullptr);
    if (engine) engine->calls.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<Engine> engine_;
};

}  // namespace punctual::pool
