#include "sim/simulator.hpp"

#include <cassert>

#include "sim/session.hpp"

namespace punctual::sim {

Simulator::Simulator(net::Runtime& runtime, Counters& counters) : runtime_(runtime), counters_(counters) {}

Simulator::~Simulator() {
  assert(open_ == 0 && "a simulator ends before its connections");
}

void Simulator::serve(std::unique_ptr<net::Stream> stream) {
  auto session = std::make_unique<Session>(runtime_, counters_, reader_, std::move(stream));
  if (shutting_down_) session->stop();
  sessions_.push_back(*session);
  ++open_;
  base::spawn(run(*this, std::move(session)));
}

base::Task<void> Simulator::run(Simulator& simulator, std::unique_ptr<Session> session) {
  auto work = session->run();
  co_await work;
  --simulator.open_;
}

void Simulator::shut_down() {
  shutting_down_ = true;
  sessions_.for_each([](Session& session) { session.stop(); });
}

}  // namespace punctual::sim
