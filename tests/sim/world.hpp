// The whole gateway on a clock that stands still: memory for a network, simulators for upstreams.
//
// Time moves only in `run_for` and `run_until`, from one thing that is due to the next, so that hours of
// waiting cost nothing and every run of a test is the same. Providers alpha, beta, gamma (OpenAI) and claude
// (Anthropic) exist; a model named "alpha/sim:tokens=3" is asked of the first, as "sim:tokens=3".
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/environment.hpp"
#include "gateway/core.hpp"
#include "listener/listener.hpp"
#include "sim/host_network.hpp"
#include "sim/records.hpp"

namespace punctual::simulation {

// One tick of the wheel: how late a limit may be when nothing else delays it.
inline constexpr deadline::Duration tick{1 << deadline::Wheel::tick_bits};

// Something in the world that acts by itself, such as a client.
class Actor {
 public:
  // Does what can be done now. True when something was done.
  virtual bool act() = 0;

 protected:
  ~Actor() = default;
};

class World {
 public:
  struct Options {
    std::string settings = {};   // TOML, before the providers
    std::string providers = {};  // instead of the usual ones
    config::Environment::Variables environment = {};
    std::size_t connections_max = 1000;
  };

  World() : World(Options{}) {}
  explicit World(const std::string& settings) : World(Options{.settings = settings}) {}
  explicit World(const Options& options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  deadline::Instant now() const { return clock_.now(); }
  net::Runtime& runtime() { return runtime_; }
  gateway::Core& core() { return *core_; }
  listener::Listener& listener() { return *listener_; }
  const telemetry::Metrics& metrics() const { return core_->metrics; }
  HostNetwork& network() { return network_; }
  Host& host(const std::string& name) { return network_.host(name); }

  // Everything that can happen without time passing.
  void run();
  void run_for(deadline::Duration time) { run_until(now() + time); }
  void run_until(deadline::Instant at);
  // Until `done` holds; false when it did not within `at_most`.
  bool run_until(const std::function<bool()>& done, deadline::Duration at_most = std::chrono::hours(3));
  // Until nothing is left that time could bring, or `at_most` has passed. True when nothing is left.
  bool run_out(deadline::Duration at_most = std::chrono::hours(3));

  void add(Actor& actor) { actors_.push_back(&actor); }
  void remove(Actor& actor) { std::erase(actors_, &actor); }

  // All that were written until now.
  const std::vector<RecordLine>& records();
  const MemoryJournal& journal() const { return journal_; }

  // True once coroutines kept each other busy without end, at one instant.
  bool stuck() const { return stuck_; }

 private:
  bool step(deadline::Instant at_most);

  deadline::ManualClock clock_;
  net::Runtime runtime_{clock_};
  HostNetwork network_{runtime_};
  MemoryJournal journal_;
  std::unique_ptr<gateway::Core> core_;
  std::unique_ptr<listener::Listener> listener_;
  std::vector<Actor*> actors_;
  bool stuck_ = false;
};

}  // namespace punctual::simulation
