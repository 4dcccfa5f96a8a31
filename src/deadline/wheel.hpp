// A hierarchical timing wheel: arming and cancelling cost O(1), and nothing ever fires early.
//
// Eight levels of 64 slots over ticks of 0.262 ms (2^18 ns) hold every instant there is. A timer fires in the
// first `advance` at or after the tick that follows its due time. Moving a timer later only notes the new
// time: the timer is re-filed when its old slot comes up, so that a stream whose idle limit restarts at every
// chunk does no timer work per chunk. After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels"
// (1987).
//
// One thread only. A wheel must outlive the timers armed on it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/intrusive_list.hpp"
#include "deadline/clock.hpp"

namespace punctual::deadline {

class Wheel;

// One pending expiry. Pinned in memory while armed; being destroyed disarms it.
class Timer : public base::ListNode<Timer> {
 public:
  // Called by `Wheel::advance`, with the timer disarmed; may arm it again, and may destroy it.
  using Expire = void (*)(void* context);

  Timer(Expire expire, void* context) : expire_(expire), context_(context) {}

  bool armed() const { return linked(); }

 private:
  friend class Wheel;
  Expire expire_;
  void* context_;
  std::uint64_t due_tick_ = 0;
  std::uint64_t filed_tick_ = 0;
};

class Wheel {
 public:
  static constexpr int tick_bits = 18;

  explicit Wheel(Instant start);
  Wheel(const Wheel&) = delete;
  Wheel& operator=(const Wheel&) = delete;
  ~Wheel();

  // Makes `timer` expire once, at or after `due`; replaces what it was armed for. Instant::max() is never.
  void arm(Timer& timer, Instant due);
  void cancel(Timer& timer) { timer.unlink(); }

  // Expires all that is due at `now`.
  void advance(Instant now);

  // When `advance` should next be called; nothing while no timer is armed. May be before the next expiry, in
  // the past if `advance` was not called for a while, never after the next expiry.
  std::optional<Instant> next() const;

 private:
  static constexpr int level_count = 8;
  static constexpr int slot_bits = 6;
  static constexpr std::uint64_t slot_count = 1u << slot_bits;

  struct Level {
    std::uint64_t occupied = 0;
    std::array<base::IntrusiveList<Timer>, slot_count> slots;
  };
  struct Slot {
    int level;
    std::uint64_t index;
    std::uint64_t tick;
  };

  void file(Timer& timer);
  std::optional<Slot> next_slot() const;
  void expire(Slot slot);

  std::uint64_t elapsed_;
  mutable std::array<Level, level_count> levels_;
};

}  // namespace punctual::deadline
