// An OpenAI- and Anthropic-compatible server whose behaviour is in the model's name (README.md).
//
// One per loop, used on its thread only. Each connection is a coroutine that ends when the client hangs up,
// or at `shut_down`. Time comes from the runtime alone, so that it runs on a ManualClock.
#pragma once

#include <cstddef>
#include <memory>

#include "base/intrusive_list.hpp"
#include "base/task.hpp"
#include "json/reader.hpp"
#include "net/runtime.hpp"
#include "net/stream.hpp"
#include "sim/counters.hpp"

namespace punctual::sim {

class Session;

class Simulator {
 public:
  // Both must outlive the simulator.
  explicit Simulator(net::Runtime& runtime, Counters& counters);
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  // No connection may be open any more: `shut_down`, then run the ready queue.
  ~Simulator();

  // Serves requests on the connection until it ends.
  void serve(std::unique_ptr<net::Stream> stream);

  // Cuts what is open, as soon as the ready queue runs; what is served later is cut at once.
  void shut_down();

  // Connections that are open.
  std::size_t open() const { return open_; }

 private:
  static base::Task<void> run(Simulator& simulator, std::unique_ptr<Session> session);

  net::Runtime& runtime_;
  Counters& counters_;
  json::Reader reader_;
  base::IntrusiveList<Session> sessions_;
  std::size_t open_ = 0;
  bool shutting_down_ = false;
};

}  // namespace punctual::sim
