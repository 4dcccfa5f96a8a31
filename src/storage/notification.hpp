// What subscribers of a store are told. A plain value.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace punctual::storage {

struct Notification {
  std::string channel;
  std::string payload;
  // Something may have been missed (a reconnect, another process): read everything again. Channel and payload
  // are then empty.
  bool resync = false;
};
// Called on a thread of the store, one call at a time; short.
using Subscriber = std::function<void(const Notification&)>;
// Ends the subscription at its end, and waits for a call that runs. Must not outlive the store.
using Subscription = std::shared_ptr<void>;

}  // namespace punctual::storage
