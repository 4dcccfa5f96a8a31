#include "app/health_checks.hpp"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "telemetry/log.hpp"

namespace punctual::app {

namespace {

// Checks that are off may be switched on.
constexpr deadline::Duration asked_every = std::chrono::seconds(5);
constexpr deadline::Duration look_limit = std::chrono::seconds(5);

}  // namespace

void HealthChecks::start() {
  thread_ = std::thread([this] { run(); });
}

void HealthChecks::stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void HealthChecks::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const auto every = settings_()->configuration->breaker.check_every;
    const bool off = every == deadline::Duration::zero();
    changed_.wait_for(lock, off ? asked_every : every, [this] { return ending_; });
    if (ending_ || off) continue;
    lock.unlock();
    look();
    lock.lock();
  }
}

std::size_t HealthChecks::look() {
  std::map<std::string, std::vector<std::shared_ptr<targets::Target>>> silent;
  const auto now = clock_.now();
  for (auto& target : book_.all()) {
    const auto view = target->breaker.view(now);
    const bool left_alone =
        view.state == targets::BreakerState::open && view.hold == targets::Hold::automatic;
    if (left_alone && target->unreachable.load(std::memory_order_relaxed))
      silent[target->provider].push_back(std::move(target));
  }
  for (const auto& [provider, targets] : silent) {
    if (!answers(provider)) continue;
    telemetry::log_info(fmt::format("provider {} can be reached again", provider));
    for (const auto& target : targets)
      target->breaker.try_soon(clock_.now());
  }
  return silent.size();
}

// With anything that is no failure of its own: some have no list of models.
bool HealthChecks::answers(const std::string& name) const {
  const auto configuration = settings_()->configuration;
  const auto* provider = configuration->provider_named(name);
  if (!provider) return false;
  const auto result = cores_.probe(configuration, *provider, clock_.now() + look_limit);
  return result.status > 0 && result.status < 500;
}

}  // namespace punctual::app
