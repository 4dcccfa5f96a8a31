// Where commands of this machine learn what the local models of a running gateway do: a socket in its private
// folder. Who connects gets one document and nothing else, and can change nothing:
//
//   {"models": [{"model": "qwen3", "state": "loading", "load_share": 0.4, "in_flight": 0, "failed": false},
//   ...]}
//
// Nobody can connect: no gateway runs on that folder, or one that has no local models.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "net/acceptor.hpp"
#include "pool/engine_view.hpp"

namespace punctual::app {

// Of one thread, its loop's.
class PoolDoor {
 public:
  using View = std::function<pool::PoolView()>;

  // `folder` exists and is only ours. The error is one sentence; another gateway may have the door.
  static std::expected<std::unique_ptr<PoolDoor>, std::string> open(net::Loop& loop,
                                                                    const std::string& folder, View view);

 private:
  PoolDoor() = default;

  std::unique_ptr<net::Acceptor> acceptor_;
};

// The states by the models' names, in words: "loading 40 %", "idle", "quarantined". Nothing: no gateway
// answers there within `limit`. Blocks.
std::optional<std::map<std::string, std::string>> ask_pool(const std::string& folder,
                                                           std::chrono::milliseconds limit);

}  // namespace punctual::app
