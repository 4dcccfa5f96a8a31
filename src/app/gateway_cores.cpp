#include "app/gateway_cores.hpp"

#include <algorithm>
#include <future>

#include "app/on_all.hpp"

namespace punctual::app {

namespace {

constexpr auto look_limit = std::chrono::seconds(2);

}  // namespace

void GatewayCores::attach(const std::vector<std::unique_ptr<GatewayThread>>& threads) {
  const std::lock_guard lock(mutex_);
  for (const auto& thread : threads)
    threads_.push_back(thread.get());
  home_ = threads_.front();
}

void GatewayCores::detach() {
  home_ = nullptr;
}

void GatewayCores::post_home(std::move_only_function<void()> work) {
  GatewayThread* const home = home_;
  if (home) home->post([work = std::move(work)](gateway::Core&) mutable { work(); });
}

std::vector<GatewayThread*> GatewayCores::threads() const {
  const std::lock_guard lock(mutex_);
  return threads_;
}

std::vector<gateway::RunningRequest> GatewayCores::running(deadline::Instant until) {
  // Each core fills its own; a core that is late fills one that nobody reads.
  struct Gathered {
    std::mutex mutex;
    std::vector<gateway::RunningRequest> all;
  };
  const auto gathered = std::make_shared<Gathered>();
  const auto limit = std::min<deadline::Duration>(look_limit, until - clock_.now());
  on_all(threads(), limit, [gathered](gateway::Core& core) {
    auto own = gateway::running_requests(core);
    const std::lock_guard lock(gathered->mutex);
    std::ranges::move(own, std::back_inserter(gathered->all));
  });
  const std::lock_guard lock(gathered->mutex);
  std::ranges::sort(gathered->all, {}, &gateway::RunningRequest::started);
  return std::move(gathered->all);
}

bool GatewayCores::cancel(const std::string& request_id, deadline::Instant until) {
  const auto found = std::make_shared<std::atomic<bool>>(false);
  const auto limit = std::min<deadline::Duration>(look_limit, until - clock_.now());
  on_all(threads(), limit, [found, request_id](gateway::Core& core) {
    if (gateway::cancel_request(core, request_id)) *found = true;
  });
  return *found;
}

gateway::ProbeResult GatewayCores::probe(std::shared_ptr<const config::Configuration> configuration,
                                         const config::Provider& provider, deadline::Instant until) {
  const auto promised = std::make_shared<std::promise<gateway::ProbeResult>>();
  auto result = promised->get_future();
  const auto all = threads();
  gateway::ProbeResult late;
  late.detail = "The gateway is just starting: try again.";
  if (all.empty()) return late;
  auto* thread = all[next_.fetch_add(1) % all.size()];
  thread->post([promised, configuration, &provider](gateway::Core& core) {
    gateway::probe_provider(core, configuration, provider,
                            [promised](gateway::ProbeResult got) { promised->set_value(std::move(got)); });
  });
  if (result.wait_for(until - clock_.now()) == std::future_status::ready) return result.get();
  late.detail = "It did not answer in time.";
  return late;
}

}  // namespace punctual::app
