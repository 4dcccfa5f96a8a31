// Wakes one wait of this core from another thread.
//
// `ring` may be kept and called on any thread, also after the wait has ended: it raises `slot` on the core's
// own loop, and nothing once the bell is silent. Made, silenced and destroyed on the core's thread; the core
// must outlive the rings.
#pragma once

#include <functional>
#include <memory>

#include "base/signals.hpp"
#include "deadline/watch.hpp"
#include "gateway/core.hpp"

namespace punctual::gateway {

class Bell {
 public:
  Bell(const Core& core, base::Signals& signals)
      : post_(core.post), wakes_(std::make_shared<Wakes>(&signals)) {
    signals.take(deadline::bits::slot);
  }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell() { silence(); }

  std::function<void()> ring() const {
    return [wakes = wakes_, post = post_] {
      const auto raise = [wakes] {
        if (wakes->signals) wakes->signals->raise(deadline::bits::slot);
      };
      post ? post(raise) : raise();
    };
  }
  void silence() { wakes_->signals = nullptr; }

 private:
  struct Wakes {
    base::Signals* signals;
  };

  std::function<void(std::move_only_function<void()>)> post_;
  std::shared_ptr<Wakes> wakes_;
};

}  // namespace punctual::gateway
