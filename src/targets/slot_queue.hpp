// At most so many calls at once to a target, over all cores; who finds none free waits: the clients take
// turns, and of each client's requests the one with the earliest deadline goes first.
//
// Turns: the n-th request of a client goes after the (n-1)-th of all others that wait, and a client that has
// just had its turn comes after those that have not (start-time fair queueing, each request costing one).
// Among requests of the same turn the earliest deadline goes first; so it does where there is one client. In
// a queue that is full, a request whose turn would come before the last one's takes that one's place.
//
// Taking a free slot and giving it back are atomic operations. Only who has to wait goes to the queue's home,
// the one thread that orders the waiting: values go there and back (`post`), no lock. A waiter is decided
// once: it gets a slot, or is told that the queue is full or that it cannot be served in time. Who gives up
// before (its client left, its time is up) is never served.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "deadline/clock.hpp"

namespace punctual::targets {

struct SlotLimits {
  std::uint32_t slots = 0;        // at once; 0: any number
  std::uint32_t waiting_max = 0;  // in the queue
};

// What somebody waits for.
struct SlotWish {
  SlotLimits limits;
  deadline::Instant until = deadline::Instant::max();  // when it is of no use any more
  deadline::Duration needs{};                          // how long it takes, once served, to be of use
  std::uint64_t client = 0;                            // whose it is; the same number for the same client
};

// One who waits. Made by `SlotQueue::join`; its owner asks `state` after it was woken, on its own thread.
class Waiter {
 public:
  enum class State : std::uint8_t { waiting, served, full, too_late, gone };

  State state() const { return state_.load(std::memory_order_acquire); }
  // How long until a slot is free, as far as can be told; what `too_late` was judged by.
  deadline::Duration forecast() const {
    return deadline::Duration(forecast_.load(std::memory_order_relaxed));
  }
  // How many are before it now.
  std::uint32_t place() const { return place_.load(std::memory_order_relaxed); }

 private:
  friend class SlotQueue;
  std::atomic<State> state_ = State::waiting;
  std::atomic<deadline::Duration::rep> forecast_ = 0;
  std::atomic<std::uint32_t> place_ = 0;
  SlotWish wish_;
  std::uint64_t turn_ = 0;
  std::function<void()> wake_;
};

class SlotQueue : public std::enable_shared_from_this<SlotQueue> {
 public:
  // Runs something on the home thread, from any thread; in order, never inside the call where other threads
  // exist.
  using Post = std::function<void(std::move_only_function<void()>)>;

  explicit SlotQueue(Post home) : home_(std::move(home)) {}
  SlotQueue(const SlotQueue&) = delete;
  SlotQueue& operator=(const SlotQueue&) = delete;

  // A held slot: given back when destroyed. Any thread.
  class Lease {
   public:
    Lease() = default;
    Lease(std::shared_ptr<SlotQueue> queue, const deadline::Clock& clock);
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { end(); }
    void end();

   private:
    std::shared_ptr<SlotQueue> queue_;
    const deadline::Clock* clock_ = nullptr;
    deadline::Instant taken_at_{};
  };

  // A slot that is free now, if nobody waits for one. Any thread.
  bool try_take(const SlotLimits& limits);

  // Waits in the queue. `wake` is called once, on the home thread, when the waiter is decided. Who is served
  // has a slot: make a Lease of it.
  std::shared_ptr<Waiter> join(const SlotWish& wish, deadline::Instant now, std::function<void()> wake);
  // Gives up. False: it had been served; the slot is the caller's to give back.
  bool leave(const std::shared_ptr<Waiter>& waiter);

  std::uint32_t taken() const { return taken_.load(std::memory_order_relaxed); }
  std::uint32_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  // How long a slot is usually held; zero where nothing is known.
  deadline::Duration usually_held() const {
    return deadline::Duration(held_.load(std::memory_order_relaxed));
  }

 private:
  void give_back(deadline::Duration held);
  bool take(std::uint32_t slots);
  void admit(const std::shared_ptr<Waiter>& waiter, deadline::Instant now);
  bool makes_room(const Waiter& waiter);
  void order();
  void decide(Waiter& waiter, Waiter::State state);
  void serve();
  void sweep();
  deadline::Duration wait_at(std::size_t place, std::uint32_t slots) const;

  Post home_;
  std::atomic<std::uint32_t> taken_ = 0;
  std::atomic<std::uint32_t> waiting_ = 0;
  std::atomic<deadline::Duration::rep> held_ = 0;
  // The home thread's.
  std::vector<std::shared_ptr<Waiter>> queue_;              // in the order in which they are served
  std::uint64_t turn_ = 0;                                  // the one that was served last
  std::unordered_map<std::uint64_t, std::uint64_t> turns_;  // the next of a client that was served lately
};

}  // namespace punctual::targets
