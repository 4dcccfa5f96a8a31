// A simulator with a loop and a listening socket of its own: one thread's worth of `punctual sim`.
//
// Several on one address share it by SO_REUSEPORT, and share their counters.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "deadline/clock.hpp"
#include "net/acceptor.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "sim/simulator.hpp"

namespace punctual::sim {

class SimulatorServer {
 public:
  // Listens at once; `clock` and `counters` must outlive the server. The error is one sentence.
  static std::expected<std::unique_ptr<SimulatorServer>, std::string> listen(
      const deadline::Clock& clock, const net::ListenAddress& address, Counters& counters);
  SimulatorServer(const SimulatorServer&) = delete;
  SimulatorServer& operator=(const SimulatorServer&) = delete;

  // Serves on this thread until `stop`, then cuts what is open.
  void run();

  // From any thread, also before `run`.
  void stop() { loop_.stop(); }

  // The address as bound.
  std::string local() const { return acceptor_->local(); }

 private:
  SimulatorServer(const deadline::Clock& clock, Counters& counters)
      : loop_(clock), simulator_(loop_.runtime(), counters) {}

  net::Loop loop_;
  Simulator simulator_;
  std::unique_ptr<net::Acceptor> acceptor_;
};

}  // namespace punctual::sim
