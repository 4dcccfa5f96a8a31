// Watches a run at every instant: upstream work never outlives the request that it is done for.
#pragma once

#include "sim/judge.hpp"

namespace punctual::simulation {

class Overseer final : public Actor {
 public:
  // `delay`: how long a hang-up may be on its way to an upstream; zero: none at all.
  Overseer(World& world, deadline::Duration delay, Violations& violations)
      : world_(world), delay_(delay), violations_(violations) {
    world.add(*this);
  }
  ~Overseer() { world_.remove(*this); }

  // Nothing is ready any more: all that could happen at this instant has happened.
  bool act() override {
    const auto in_flight = world_.metrics().requests_in_flight.value();
    const auto open = world_.network().open_requests();
    if (open <= in_flight) {
      since_ = deadline::Instant::max();
    } else if (since_ == deadline::Instant::max()) {
      since_ = world_.now();
    }
    const bool outlived = since_ != deadline::Instant::max() && world_.now() > since_ + delay_;
    if ((outlived || (open > in_flight && delay_ == deadline::Duration::zero())) &&
        !std::exchange(told_, true)) {
      violations_.push_back(std::to_string(open) + " upstream requests are open for " +
                            std::to_string(in_flight) + " of clients");
    }
    return false;
  }

 private:
  World& world_;
  deadline::Duration delay_;
  Violations& violations_;
  deadline::Instant since_ = deadline::Instant::max();
  bool told_ = false;
};

}  // namespace punctual::simulation
