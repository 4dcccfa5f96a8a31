#include "sim/visitor.hpp"

namespace punctual::simulation {

Visitor::Visitor(World& world, const PlannedConnection& plan)
    : world_(world), plan_(plan), signals_(world.runtime().ready()), wakeup_(world.runtime(), signals_, 1) {
  world.add(*this);
  wait(plan.connect_after);
}

Visitor::~Visitor() {
  world_.remove(*this);
}

void Visitor::wait(deadline::Duration time) {
  due_ = world_.now() + time;
  if (time > deadline::Duration::zero()) wakeup_.arm(due_);
}

bool Visitor::act() {
  if (finished() || world_.now() < due_) return false;
  if (!client_) {
    came_too_late_ = world_.core().draining;
    client_.emplace(world_, plan_.options);
  } else {
    perform(plan_.steps[next_++]);
  }
  if (next_ < plan_.steps.size()) wait(plan_.steps[next_].wait);
  return true;
}

void Visitor::perform(const Step& step) {
  switch (step.kind) {
    case Step::Kind::send:
      client_->send(step.bytes);
      break;
    case Step::Kind::hang_up:
      client_->hang_up();
      break;
    case Step::Kind::reset:
      client_->reset();
      break;
    case Step::Kind::finish_sending:
      client_->finish_sending();
      break;
    case Step::Kind::stop_reading:
      client_->stop_reading();
      break;
    case Step::Kind::read_slowly:
      client_->read_slowly(step.read_bytes, step.read_every);
      break;
    case Step::Kind::read_all:
      client_->read_all();
      break;
  }
}

}  // namespace punctual::simulation
