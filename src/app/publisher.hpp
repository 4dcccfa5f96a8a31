// Puts settings and API keys in force on every core, and returns when each has them.
//
// Any management thread; publications take turns. Until `attach`, nothing runs that could be told: the
// threads are made with `current`.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "access/api_keys.hpp"
#include "admission/api_keys.hpp"
#include "admission/key_policy.hpp"
#include "app/engine_room.hpp"
#include "app/gateway_thread.hpp"
#include "gateway/core.hpp"
#include "settings/service.hpp"
#include "storage/store.hpp"

namespace punctual::app {

class Publisher {
 public:
  // `reachable`: somebody beyond this machine can connect.
  Publisher(storage::Store& store, const deadline::Clock& clock, EngineRoom& engines, bool open,
            bool reachable)
      : store_(store), clock_(clock), engines_(engines), open_(open), reachable_(reachable) {}

  // What was published last.
  std::shared_ptr<const gateway::Settings> current() const;
  std::size_t key_count() const;

  void publish_settings(const settings::Service::Published& snapshot);
  // Reads those of the database; keeps the ones that are in force when it does not answer.
  bool publish_api_keys();
  // Those that were used since the last call, to be stored.
  std::vector<access::ApiKeyUse> take_api_key_uses();

  void attach(const std::vector<std::unique_ptr<GatewayThread>>& threads);
  void detach();

 private:
  void publish();

  storage::Store& store_;
  const deadline::Clock& clock_;
  EngineRoom& engines_;
  bool open_;
  bool reachable_;
  std::mutex turn_;
  mutable std::mutex mutex_;  // over what follows
  settings::Service::Published snapshot_;
  std::shared_ptr<const admission::ApiKeys> keys_;
  std::shared_ptr<const gateway::Settings> current_;
  std::vector<GatewayThread*> threads_;
  deadline::Instant uses_taken_at_{};
};

}  // namespace punctual::app
