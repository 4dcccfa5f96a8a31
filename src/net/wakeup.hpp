// A timer that raises a bit: how a coroutine that waits on signals also waits for time.
#pragma once

#include "base/signals.hpp"
#include "deadline/wheel.hpp"
#include "net/runtime.hpp"

namespace punctual::net {

class Wakeup {
 public:
  Wakeup(Runtime& runtime, base::Signals& signals, base::Signals::Mask bit)
      : runtime_(runtime), signals_(signals), bit_(bit), timer_(&Wakeup::expire, this) {}
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  // Raises the bit once, at or after `due`. Moving it later costs one store.
  void arm(deadline::Instant due) { runtime_.wheel().arm(timer_, due); }
  void cancel() { runtime_.wheel().cancel(timer_); }

 private:
  static void expire(void* self) {
    auto& wakeup = *static_cast<Wakeup*>(self);
    wakeup.signals_.raise(wakeup.bit_);
  }

  Runtime& runtime_;
  base::Signals& signals_;
  base::Signals::Mask bit_;
  deadline::Timer timer_;
};

}  // namespace punctual::net
