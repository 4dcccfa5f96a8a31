// What a coroutine waits for when more than one thing may happen: a set of bits, and one waiter.
//
// Streams, timers and operators `raise` bits; the owning coroutine `wait`s for those it cares about and is
// resumed by the ready queue, never inside `raise`, so that raising is safe from anywhere on the same thread.
// A raised bit stays raised until a wait or `take` returns it. No allocation, no lock; one thread only.
#pragma once

#include <cassert>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace punctual::base {

// Coroutines that may run now, in the order in which they became ready.
class ReadyQueue {
 public:
  void push(std::coroutine_handle<> handle) { ready_.push_back(handle); }
  bool empty() const { return ready_.empty(); }

  // Runs everything that is ready, and what becomes ready meanwhile. Returns how many ran.
  std::size_t run() {
    std::size_t ran = 0;
    while (!ready_.empty())
      ran += run_round();
    return ran;
  }

  // Runs what is ready now; what becomes ready meanwhile waits for the next round, so that two coroutines
  // which keep each other busy cannot hold up timers and sockets. Returns how many ran.
  std::size_t run_round() {
    std::swap(ready_, running_);
    for (auto handle : running_)
      handle.resume();
    const std::size_t ran = running_.size();
    running_.clear();
    return ran;
  }

  // Awaitable: lets everything else that is ready run first. For loops that might never have to wait.
  auto yield() {
    struct Awaiter {
      ReadyQueue& queue;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> handle) { queue.push(handle); }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  std::vector<std::coroutine_handle<>> ready_;
  std::vector<std::coroutine_handle<>> running_;
};

class Signals {
 public:
  using Mask = std::uint32_t;

  explicit Signals(ReadyQueue& queue) : queue_(&queue) {}
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() { assert(!waiter_ && "a coroutine still waits on signals that end"); }

  void raise(Mask bits) {
    raised_ |= bits;
    if (waiter_ && (raised_ & wanted_)) queue_->push(std::exchange(waiter_, nullptr));
  }

  // Returns and clears those of `bits` that are raised; does not wait.
  Mask take(Mask bits) {
    const Mask found = raised_ & bits;
    raised_ &= ~bits;
    return found;
  }

  // Awaitable: the raised bits among `wanted`, at least one; they are cleared.
  auto wait(Mask wanted) {
    struct Awaiter {
      Signals& signals;
      Mask wanted;
      bool await_ready() const noexcept { return (signals.raised_ & wanted) != 0; }
      void await_suspend(std::coroutine_handle<> handle) noexcept {
        assert(!signals.waiter_ && "only one coroutine waits on a set of signals");
        signals.waiter_ = handle;
        signals.wanted_ = wanted;
      }
      Mask await_resume() noexcept { return signals.take(wanted); }
    };
    return Awaiter{*this, wanted};
  }

 private:
  ReadyQueue* queue_;
  std::coroutine_handle<> waiter_;
  Mask raised_ = 0;
  Mask wanted_ = 0;
};

}  // namespace punctual::base
