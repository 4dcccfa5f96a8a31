#include "gateway/slot_wait.hpp"

#include <utility>

namespace punctual::gateway {

namespace bits = deadline::bits;
using deadline::Phase;
using State = targets::Waiter::State;

base::Task<SlotWait::Ending> SlotWait::run(targets::SlotLimits limits, deadline::Duration needs,
                                           std::uint64_t client) {
  const auto started = watch_.now();
  if (target_.slots->try_take(limits)) {
    lease_ = {target_.slots, core_.runtime.clock()};
    co_return Ending::served;
  }
  watch_.start(Phase::queue, started);
  bell_.emplace(core_, watch_.signals());
  const targets::SlotWish wish{limits, watch_.deadline().earliest_end(), needs, client};
  waiter_ = target_.slots->join(wish, started, bell_->ring());
  while (waiter_->state() == State::waiting) {
    const auto raised = co_await watch_.wait(bits::slot);
    if (watch_.interrupted(raised)) break;
  }
  watch_.stop(Phase::queue);
  waited_ = watch_.now() - started;
  forecast_ = waiter_->forecast();
  const auto state = waiter_->state();
  if (state == State::served) lease_ = {target_.slots, core_.runtime.clock()};
  if (state == State::waiting) leave();
  bell_->silence();
  waiter_.reset();
  if (watch_.interruption()) co_return Ending::interrupted;
  co_return state == State::served ? Ending::served : state == State::full ? Ending::full : Ending::too_late;
}

void SlotWait::leave() {
  if (bell_) bell_->silence();
  const auto waiter = std::exchange(waiter_, nullptr);
  // It was served at the last moment: the slot goes back.
  if (waiter && !target_.slots->leave(waiter)) lease_ = {target_.slots, core_.runtime.clock()};
}

}  // namespace punctual::gateway
