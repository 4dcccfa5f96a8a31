// Waiting for a local model to be loaded, under the request's `load` limit, which restarts while the load
// makes progress, and whatever else may end it.
#pragma once

#include <memory>
#include <optional>

#include "base/task.hpp"
#include "deadline/watch.hpp"
#include "gateway/bell.hpp"
#include "gateway/core.hpp"
#include "pool/engine.hpp"
#include "pool/load_waiter.hpp"

namespace punctual::gateway {

class EngineWait {
 public:
  enum class Ending : std::uint8_t {
    ready,        // `lease` has the engine
    refused,      // `reason` is a whole sentence
    interrupted,  // by the watch
  };

  EngineWait(Core& core, deadline::Watch& watch) : core_(core), watch_(watch) {}
  EngineWait(const EngineWait&) = delete;
  EngineWait& operator=(const EngineWait&) = delete;
  ~EngineWait() { leave(); }

  // The model is one of the pool's. Again, when it is not `still_ready`.
  base::Task<Ending> run(std::string_view model);

  pool::Lease& lease() { return lease_; }
  // After `ready`.
  const std::shared_ptr<pool::Engine>& engine() const { return engine_; }
  // Zero: it was ready.
  deadline::Duration waited() const { return waited_; }
  // After `refused`.
  const std::string& reason() const { return reason_; }
  deadline::Duration retry_after() const { return retry_after_; }
  // Whether the engine that it was given can still be called; it is not unloaded, but may have failed.
  bool still_ready() const {
    return engine_->state.load(std::memory_order_relaxed) == pool::EngineState::ready;
  }
  bool waiting() const { return waiter_ != nullptr; }

 private:
  void leave();

  Core& core_;
  deadline::Watch& watch_;
  std::shared_ptr<pool::Engine> engine_;
  std::shared_ptr<pool::LoadWaiter> waiter_;
  std::optional<Bell> bell_;
  pool::Lease lease_;
  deadline::Duration waited_{};
  std::string reason_;
  deadline::Duration retry_after_{};
};

}  // namespace punctual::gateway
