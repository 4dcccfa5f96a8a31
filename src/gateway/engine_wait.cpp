#include "gateway/engine_wait.hpp"

#include <utility>

#include "pool/pool.hpp"

namespace punctual::gateway {

namespace bits = deadline::bits;
using deadline::Phase;
using State = pool::LoadWaiter::State;

base::Task<EngineWait::Ending> EngineWait::run(std::string_view model) {
  const auto& clock = core_.runtime.clock();
  engine_ = core_.engine_of(model);
  lease_.end();
  waited_ = {};
  lease_ = pool::Lease::try_take(engine_, clock);
  if (lease_) co_return Ending::ready;
  const auto started = watch_.now();
  watch_.start(Phase::load, started);
  bell_.emplace(core_, watch_.signals());
  waiter_ = core_.local_models->join(engine_, bell_->ring());
  std::uint64_t progress = 0;
  while (waiter_->state() == State::waiting) {
    const auto raised = co_await watch_.wait(bits::slot);
    if (watch_.interrupted(raised)) break;
    if (progress == waiter_->progress()) continue;
    progress = waiter_->progress();
    watch_.start(Phase::load);
  }
  watch_.stop(Phase::load);
  waited_ = watch_.now() - started;
  const auto state = waiter_->state();
  if (state == State::refused) {
    reason_ = waiter_->reason();
    retry_after_ = waiter_->retry_after();
  }
  if (state == State::ready) lease_ = {engine_, clock};
  leave();
  if (watch_.interruption()) co_return Ending::interrupted;
  co_return state == State::ready ? Ending::ready : Ending::refused;
}

void EngineWait::leave() {
  if (bell_) bell_->silence();
  const auto waiter = std::exchange(waiter_, nullptr);
  if (!waiter || waiter->state() != State::waiting) return;
  // It was given the engine at the last moment.
  const bool left = core_.local_models->leave(waiter);
  if (!left && waiter->state() == State::ready) lease_ = {engine_, core_.runtime.clock()};
}

}  // namespace punctual::gateway
