// One core's worth of the gateway: its loop, its listening sockets, its upstream connections, its simulation.
//
// Made and destroyed by the main thread; between `start` and the end of the thread only the thread itself
// works on it. `drain` and `stop` may be called from any thread.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/core.hpp"
#include "listener/listener.hpp"
#include "net/acceptor.hpp"
#include "net/connector.hpp"
#include "net/loop.hpp"
#include "sim/simulated_network.hpp"

namespace punctual::app {

struct GatewayShared {
  const deadline::Clock& clock;
  net::Resolver& resolver;
  audit::Journal& journal;
  sim::Counters& simulated_counters;
  std::shared_ptr<const gateway::Settings> settings;
  std::size_t connections_max = 0;  // of one thread
  std::function<std::string()> metrics_text;
  std::function<std::string()> ready_text = {};
  gateway::Management* management = nullptr;
  targets::Book* book = nullptr;
  pool::Pool* local_models = nullptr;
};

class GatewayThread {
 public:
  // Listens at once. The error is one sentence.
  static std::expected<std::unique_ptr<GatewayThread>, std::string> create(
      const GatewayShared& shared, const std::vector<net::ListenAddress>& addresses);
  ~GatewayThread();
  GatewayThread(const GatewayThread&) = delete;
  GatewayThread& operator=(const GatewayThread&) = delete;

  // Where it listens, as bound.
  std::vector<std::string> locals() const;
  const telemetry::Metrics& metrics() const { return core_.metrics; }

  void start();
  // Runs `work` on the thread of the loop, soon. Any thread.
  void post(std::move_only_function<void(gateway::Core&)> work);
  // Accepts nothing more; `done` is called on the loop's thread when the last request has ended.
  void drain(std::optional<deadline::Duration> limit, std::function<void()> done);
  // Ends the requests that still run, each with an error that says so.
  void end_requests();
  void stop() { loop_.stop(); }

 private:
  GatewayThread(const GatewayShared& shared, std::unique_ptr<net::TlsContext> client_tls,
                std::unique_ptr<net::TlsContext> server_tls);

  net::Loop loop_;
  std::unique_ptr<net::TlsContext> server_tls_;
  std::unique_ptr<net::TlsContext> client_tls_;
  net::Connector connector_;
  sim::Simulator simulator_;
  sim::SimulatedNetwork simulated_network_;
  gateway::Core core_;
  listener::Listener listener_;
  std::vector<std::unique_ptr<net::Acceptor>> acceptors_;
  std::jthread thread_;
};

}  // namespace punctual::app
