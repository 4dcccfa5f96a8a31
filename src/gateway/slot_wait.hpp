// Waiting for a slot of a target, under the request's `queue` limit and whatever else may end it.
#pragma once

#include <memory>
#include <optional>

#include "base/task.hpp"
#include "deadline/watch.hpp"
#include "gateway/bell.hpp"
#include "gateway/core.hpp"
#include "targets/target.hpp"

namespace punctual::gateway {

class SlotWait {
 public:
  enum class Ending : std::uint8_t {
    served,       // `lease` has the slot
    full,         // too many wait
    too_late,     // it could not be served in time: `forecast` says when it would be
    interrupted,  // by the watch
  };

  SlotWait(Core& core, deadline::Watch& watch, targets::Target& target)
      : core_(core), watch_(watch), target_(target) {}
  SlotWait(const SlotWait&) = delete;
  SlotWait& operator=(const SlotWait&) = delete;
  ~SlotWait() { leave(); }

  // `needs`: how long the target takes, once it has the request, to be of use. `client`: whose request it
  // is. Once.
  base::Task<Ending> run(targets::SlotLimits limits, deadline::Duration needs, std::uint64_t client);

  targets::SlotQueue::Lease& lease() { return lease_; }
  deadline::Duration forecast() const { return forecast_; }
  deadline::Duration waited() const { return waited_; }
  // While it waits; nullptr else.
  const targets::Waiter* waiter() const { return waiter_.get(); }

 private:
  void leave();

  Core& core_;
  deadline::Watch& watch_;
  targets::Target& target_;
  targets::SlotQueue::Lease lease_;
  std::shared_ptr<targets::Waiter> waiter_;
  std::optional<Bell> bell_;
  deadline::Duration forecast_{};
  deadline::Duration waited_{};
};

}  // namespace punctual::gateway
