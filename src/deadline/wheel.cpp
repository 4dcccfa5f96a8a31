#include "deadline/wheel.hpp"

#include <algorithm>
#include <bit>

namespace punctual::deadline {

namespace {

// The last tick whose start is an Instant.
constexpr std::uint64_t tick_max =
    static_cast<std::uint64_t>(Instant::max().time_since_epoch().count()) >> Wheel::tick_bits;

std::uint64_t nanoseconds(Instant instant) {
  return static_cast<std::uint64_t>(std::max(instant.time_since_epoch(), Duration::zero()).count());
}

std::uint64_t tick_before(Instant instant) {
  return nanoseconds(instant) >> Wheel::tick_bits;
}

std::uint64_t tick_after(Instant instant) {
  const auto rounded_up = nanoseconds(instant) + (std::uint64_t{1} << Wheel::tick_bits) - 1;
  return std::min(rounded_up >> Wheel::tick_bits, tick_max);
}

}  // namespace

Wheel::Wheel(Instant start) : elapsed_(tick_before(start)) {}

Wheel::~Wheel() = default;

void Wheel::arm(Timer& timer, Instant due) {
  timer.due_tick_ = std::max(tick_after(due), elapsed_ + 1);
  if (timer.armed() && timer.due_tick_ >= timer.filed_tick_) return;
  file(timer);
}

void Wheel::file(Timer& timer) {
  static_assert(tick_bits + slot_bits * level_count >= 64, "every instant has a slot");
  timer.filed_tick_ = timer.due_tick_;
  const std::uint64_t difference = (elapsed_ ^ timer.filed_tick_) | (slot_count - 1);
  const int level = (static_cast<int>(std::bit_width(difference)) - 1) / slot_bits;
  const std::uint64_t index = (timer.filed_tick_ >> (level * slot_bits)) & (slot_count - 1);
  auto& place = levels_[static_cast<std::size_t>(level)];
  place.slots[index].push_back(timer);
  place.occupied |= std::uint64_t{1} << index;
}

std::optional<Wheel::Slot> Wheel::next_slot() const {
  for (int number = 0; number < level_count; ++number) {
    auto& level = levels_[static_cast<std::size_t>(number)];
    const int shift = number * slot_bits;
    // Slots at or before the current one are empty at every level: filing puts nothing there.
    while (level.occupied) {
      const auto index = static_cast<std::uint64_t>(std::countr_zero(level.occupied));
      if (level.slots[index].empty()) {
        // Cancelling does not touch the bits; they are cleared here, when looked at.
        level.occupied &= ~(std::uint64_t{1} << index);
        continue;
      }
      const std::uint64_t rotation = elapsed_ >> (shift + slot_bits) << (shift + slot_bits);
      return Slot{number, index, rotation + (index << shift)};
    }
  }
  return std::nullopt;
}

void Wheel::advance(Instant now) {
  const std::uint64_t target = tick_before(now);
  while (auto slot = next_slot()) {
    if (slot->tick > target) break;
    elapsed_ = std::max(elapsed_, slot->tick);
    expire(*slot);
  }
  elapsed_ = std::max(elapsed_, target);
}

void Wheel::expire(Slot slot) {
  auto& level = levels_[static_cast<std::size_t>(slot.level)];
  base::IntrusiveList<Timer> due;
  due.splice(level.slots[slot.index]);
  level.occupied &= ~(std::uint64_t{1} << slot.index);
  while (!due.empty()) {
    Timer& timer = due.front();
    timer.unlink();
    if (timer.due_tick_ > elapsed_) {
      file(timer);
    } else {
      timer.expire_(timer.context_);
    }
  }
}

std::optional<Instant> Wheel::next() const {
  const auto slot = next_slot();
  if (!slot) return std::nullopt;
  return Instant(Duration(static_cast<std::int64_t>(slot->tick << tick_bits)));
}

}  // namespace punctual::deadline
