// A client that does what a scenario planned for it, step by step, in time.
#pragma once

#include <optional>

#include "sim/client.hpp"
#include "sim/scenario.hpp"

namespace punctual::simulation {

class Visitor final : public Actor {
 public:
  Visitor(World& world, const PlannedConnection& plan);
  ~Visitor();

  bool act() override;

  bool finished() const { return client_ && next_ == plan_.steps.size(); }
  // Once it is connected.
  const Client& client() const { return *client_; }
  const PlannedConnection& plan() const { return plan_; }
  // The gateway took no new connections any more when it came.
  bool came_too_late() const { return came_too_late_; }

 private:
  void perform(const Step& step);
  void wait(deadline::Duration time);

  World& world_;
  const PlannedConnection& plan_;
  base::Signals signals_;
  net::Wakeup wakeup_;
  deadline::Instant due_{};
  std::size_t next_ = 0;
  std::optional<Client> client_;
  bool came_too_late_ = false;
};

}  // namespace punctual::simulation
