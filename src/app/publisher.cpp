#include "app/publisher.hpp"

#include <utility>

#include "app/on_all.hpp"
#include "settings/sections.hpp"
#include "telemetry/log.hpp"

namespace punctual::app {

namespace {

// A core that is busier than this has other troubles; it gets them all the same, a little later.
constexpr auto publish_limit = std::chrono::seconds(5);

admission::ApiKeySettings settings_of(access::ActiveApiKey&& key) {
  return {std::move(key.id),
          key.hash,
          std::move(key.name),
          std::move(key.limits.models),
          key.limits.requests_per_minute,
          key.limits.tokens_per_minute,
          key.limits.deadline_max};
}

}  // namespace

std::shared_ptr<const gateway::Settings> Publisher::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::size_t Publisher::key_count() const {
  const std::lock_guard lock(mutex_);
  return keys_ ? keys_->size() : 0;
}

void Publisher::publish_settings(const settings::Service::Published& snapshot) {
  const std::lock_guard turn(turn_);
  {
    const std::lock_guard lock(mutex_);
    snapshot_ = snapshot;
  }
  publish();
}

bool Publisher::publish_api_keys() {
  const std::lock_guard turn(turn_);
  auto reader = store_.reader();
  if (!reader) return false;
  auto active = access::ApiKeys::active(**reader);
  if (!active) {
    telemetry::log_error("the API keys cannot be read, the present ones stay: " + active.error().message);
    return false;
  }
  std::vector<admission::ApiKeySettings> all;
  for (auto& key : *active)
    all.push_back(settings_of(std::move(key)));
  const auto built = admission::ApiKeys::build(std::move(all), keys_.get(), clock_.now());
  for (const auto& problem : built.problems)
    telemetry::log_warning(problem);
  {
    const std::lock_guard lock(mutex_);
    keys_ = built.keys;
  }
  publish();
  return true;
}

std::vector<access::ApiKeyUse> Publisher::take_api_key_uses() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  const auto since = std::exchange(uses_taken_at_, now);
  std::vector<access::ApiKeyUse> uses;
  if (!keys_) return uses;
  for (auto& [id, at] : keys_->uses_since(since)) {
    const auto ago = std::chrono::duration_cast<deadline::WallTime::duration>(now - at);
    uses.push_back({std::move(id), storage::to_microseconds(clock_.wall_now() - ago)});
  }
  return uses;
}

void Publisher::publish() {
  std::shared_ptr<const gateway::Settings> next;
  std::vector<GatewayThread*> threads;
  {
    const std::lock_guard lock(mutex_);
    if (!snapshot_) return;
    const bool any = keys_ && keys_->size() > 0;
    next = std::make_shared<const gateway::Settings>(
        gateway::Settings{snapshot_->configuration,
                          snapshot_->router,
                          keys_,
                          {!open_ && (reachable_ || any)},
                          settings::log_settings(*snapshot_).contents});
    current_ = next;
    threads = threads_;
  }
  // The pool first: it knows a model before the first request wants it.
  engines_.apply(next->configuration);
  on_all(threads, publish_limit, [next](gateway::Core& core) { core.apply(next); });
}

void Publisher::attach(const std::vector<std::unique_ptr<GatewayThread>>& threads) {
  const std::lock_guard turn(turn_);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& thread : threads)
      threads_.push_back(thread.get());
  }
  publish();  // what came between the making of the threads and now
}

void Publisher::detach() {
  const std::lock_guard turn(turn_);
  const std::lock_guard lock(mutex_);
  threads_.clear();
}

}  // namespace punctual::app
