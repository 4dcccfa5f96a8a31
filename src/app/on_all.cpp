#include "app/on_all.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace punctual::app {

namespace {

struct Countdown {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t left = 0;
};

}  // namespace

bool on_all(const std::vector<GatewayThread*>& threads, deadline::Duration limit,
            const std::function<void(gateway::Core&)>& work) {
  const auto countdown = std::make_shared<Countdown>();
  countdown->left = threads.size();
  for (auto* thread : threads) {
    thread->post([countdown, work](gateway::Core& core) {
      work(core);
      const std::lock_guard lock(countdown->mutex);
      if (--countdown->left == 0) countdown->changed.notify_all();
    });
  }
  std::unique_lock lock(countdown->mutex);
  return countdown->changed.wait_for(lock, limit, [&] { return countdown->left == 0; });
}

}  // namespace punctual::app
