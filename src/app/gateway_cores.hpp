// What the management plane asks of the cores, over their threads.
#pragma once

#include <atomic>
#include <mutex>

#include "app/gateway_thread.hpp"
#include "control/cores.hpp"

namespace punctual::app {

class GatewayCores final : public control::Cores {
 public:
  explicit GatewayCores(const deadline::Clock& clock) : clock_(clock) {}

  // Runs `work` on the first core's loop, soon; lost where there is none yet or any more. Any thread.
  void post_home(std::move_only_function<void()> work);

  // The threads are about to end.
  void detach();

  // Once; the threads outlive the last request to the management API. Before it, nothing runs anywhere.
  void attach(const std::vector<std::unique_ptr<GatewayThread>>& threads);

  std::vector<gateway::RunningRequest> running(deadline::Instant until) override;
  bool cancel(const std::string& request_id, deadline::Instant until) override;
  gateway::ProbeResult probe(std::shared_ptr<const config::Configuration> configuration,
                             const config::Provider& provider, deadline::Instant until) override;

 private:
  const deadline::Clock& clock_;
  std::atomic<GatewayThread*> home_ = nullptr;
  std::vector<GatewayThread*> threads() const;

  mutable std::mutex mutex_;
  std::vector<GatewayThread*> threads_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace punctual::app
