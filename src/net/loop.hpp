// The event loop of one core, over epoll: descriptors, timers, ready coroutines, messages from other threads.
//
// Each descriptor is registered once, edge-triggered, for its life; no system call arms a timer or a read.
// `run` belongs to one thread, and so does everything but `post` and `stop`, which any thread may call.
// Why not a library's loop: docs/decisions/0001-own-event-loop.md.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "net/runtime.hpp"

struct epoll_event;

namespace punctual::net {

// Something that owns a descriptor and is told of its events (EPOLLIN and the others, as epoll gives them).
class Pollable {
 public:
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~Pollable() = default;
};

class Loop {
 public:
  explicit Loop(const deadline::Clock& clock);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  Runtime& runtime() { return runtime_; }

  // `events` as for epoll_ctl; streams use `stream_events`. False when the kernel refuses.
  bool watch(int descriptor, Pollable& pollable, std::uint32_t events);
  // To be called before the descriptor is closed; `pollable` hears nothing more, not even of events already
  // collected.
  void forget(int descriptor, Pollable& pollable);

  // Runs until `stop`, and what was posted before it; may be run again after that.
  void run();
  void stop();

  // One round of `run`: waits for events unless a coroutine is ready, then timers, then coroutines. For
  // tests.
  void run_once();

  // Runs `work` on the loop's thread, soon. The loop must outlive the call; `work` that is still waiting when
  // the loop ends is destroyed, not run.
  void post(std::move_only_function<void()> work);

  static const std::uint32_t stream_events;
  // Told again and again while there is something to read: for those who take a bounded part of it each time.
  static const std::uint32_t read_events;

 private:
  void wait(bool may_block);
  int poll(std::optional<deadline::Duration> timeout);
  void run_posted();

  Runtime runtime_;
  int epoll_ = -1;
  int wake_ = -1;
  bool has_fine_wait_ = true;
  bool stopping_ = false;
  std::vector<epoll_event> events_;
  std::size_t event_count_ = 0;
  std::size_t event_next_ = 0;
  std::mutex posted_mutex_;
  std::vector<std::move_only_function<void()>> posted_;
};

}  // namespace punctual::net
