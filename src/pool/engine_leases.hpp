// How many requests use an engine, and whether one more may.
//
// One atomic word, so that "nobody uses it, and from now on nobody may" is a single step: an engine that is
// unloaded for its memory is never one with a request in flight. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace punctual::pool {

class EngineLeases {
 public:
  // Closed at first. False: closed.
  bool take() {
    auto word = word_.load(std::memory_order_relaxed);
    while ((word & closed_bit) == 0) {
      if (word_.compare_exchange_weak(word, word + one, std::memory_order_acq_rel)) return true;
    }
    return false;
  }
  void give_back() { word_.fetch_sub(one, std::memory_order_acq_rel); }

  void open() { word_.fetch_and(~closed_bit, std::memory_order_acq_rel); }
  // Those who have one keep it.
  void close() { word_.fetch_or(closed_bit, std::memory_order_acq_rel); }
  // False, and nothing changed, while somebody has one.
  bool close_if_idle() {
    std::uint32_t idle = 0;
    return word_.compare_exchange_strong(idle, closed_bit, std::memory_order_acq_rel) || idle == closed_bit;
  }

  std::uint32_t count() const { return word_.load(std::memory_order_relaxed) / one; }

 private:
  static constexpr std::uint32_t closed_bit = 1;
  static constexpr std::uint32_t one = 2;

  std::atomic<std::uint32_t> word_ = closed_bit;
};

}  // namespace punctual::pool
