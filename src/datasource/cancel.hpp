// Says "stop" to whatever runs under it: a query ends at once, wherever it waits or computes.
//
// Any thread may cancel and look; once cancelled, always. Must outlive what was started under it.
#pragma once

#include <atomic>
#include <memory>

namespace punctual::storage {
class WakeEvent;
}

namespace punctual::datasource {

class CancelToken {
 public:
  CancelToken();
  ~CancelToken();
  CancelToken(const CancelToken&) = delete;
  CancelToken& operator=(const CancelToken&) = delete;

  void cancel();
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }

  // For who waits on a descriptor; stays awake once cancelled.
  storage::WakeEvent& event() const { return *event_; }

 private:
  std::atomic<bool> cancelled_ = false;
  std::unique_ptr<storage::WakeEvent> event_;
};

}  // namespace punctual::datasource
