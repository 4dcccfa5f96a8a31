#include "targets/slot_queue.hpp"

#include <algorithm>
#include <utility>

namespace punctual::targets {

using State = Waiter::State;

SlotQueue::Lease::Lease(std::shared_ptr<SlotQueue> queue, const deadline::Clock& clock)
    : queue_(std::move(queue)), clock_(&clock), taken_at_(clock.now()) {}

SlotQueue::Lease& SlotQueue::Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  end();
  queue_ = std::move(other.queue_);
  clock_ = other.clock_;
  taken_at_ = other.taken_at_;
  return *this;
}

void SlotQueue::Lease::end() {
  const auto queue = std::exchange(queue_, nullptr);
  if (queue) queue->give_back(clock_->now() - taken_at_);
}

bool SlotQueue::take(std::uint32_t slots) {
  auto taken = taken_.load();
  while (slots == 0 || taken < slots) {
    if (taken_.compare_exchange_weak(taken, taken + 1)) return true;
  }
  return false;
}

bool SlotQueue::try_take(const SlotLimits& limits) {
  return (limits.slots == 0 || waiting_.load() == 0) && take(limits.slots);
}

// The order matters: a waiter is counted before it looks for a slot, a slot is free before the waiting are
// looked for; so one of the two sees the other.
std::shared_ptr<Waiter> SlotQueue::join(const SlotWish& wish, deadline::Instant now,
                                        std::function<void()> wake) {
  auto waiter = std::make_shared<Waiter>();
  waiter->wish_ = wish;
  waiter->wake_ = std::move(wake);
  ++waiting_;
  home_([self = shared_from_this(), waiter, now] { self->admit(waiter, now); });
  return waiter;
}

bool SlotQueue::leave(const std::shared_ptr<Waiter>& waiter) {
  auto state = State::waiting;
  const bool left = waiter->state_.compare_exchange_strong(state, State::gone);
  if (left) home_([self = shared_from_this()] { self->serve(); });  // those behind it move up
  return state != State::served;
}

void SlotQueue::give_back(deadline::Duration held) {
  // A moving average, weight 1/8; two that end at once may lose one of the two, which does no harm.
  const auto known = held_.load(std::memory_order_relaxed);
  held_.store(known == 0 ? held.count() : known + ((held.count() - known) / 8), std::memory_order_relaxed);
  --taken_;
  if (waiting_.load() > 0) home_([self = shared_from_this()] { self->serve(); });
}

deadline::Duration SlotQueue::wait_at(std::size_t place, std::uint32_t slots) const {
  const auto rounds = static_cast<double>(place + 1) / std::max<std::uint32_t>(slots, 1);
  return std::chrono::duration_cast<deadline::Duration>(usually_held() * rounds);
}

void SlotQueue::order() {
  auto next = turns_;
  // Of each client the earliest deadline has its first turn; then all by their turns.
  std::ranges::sort(queue_, {}, [](const auto& waiter) { return waiter->wish_.until; });
  for (const auto& waiter : queue_) {
    auto& turn = next[waiter->wish_.client];
    waiter->turn_ = std::max(turn, turn_);
    turn = waiter->turn_ + 1;
  }
  std::ranges::sort(queue_, {},
                    [](const auto& waiter) { return std::pair(waiter->turn_, waiter->wish_.until); });
}

void SlotQueue::admit(const std::shared_ptr<Waiter>& waiter, deadline::Instant now) {
  const auto& wish = waiter->wish_;
  const bool any_free = queue_.empty() && taken_.load() < wish.limits.slots;
  queue_.push_back(waiter);
  order();
  const auto before = static_cast<std::size_t>(std::ranges::find(queue_, waiter) - queue_.begin());
  const auto wait = any_free ? deadline::Duration::zero() : wait_at(before, wish.limits.slots);
  waiter->forecast_ = wait.count();
  waiter->place_ = static_cast<std::uint32_t>(before);
  // Where nothing is known of the slots, nobody is turned away for it.
  const bool in_time = wish.until == deadline::Instant::max() || wait == deadline::Duration::zero() ||
                       wait + wish.needs <= wish.until - now;
  const bool full = !any_free && queue_.size() > wish.limits.waiting_max && !makes_room(*waiter);
  if (full || (!any_free && !in_time)) {
    std::erase(queue_, waiter);
    order();
    return decide(*waiter, full ? State::full : State::too_late);
  }
  serve();
}

// The last in the queue gives way to a client that has had less of it.
bool SlotQueue::makes_room(const Waiter& waiter) {
  const auto last = queue_.back();
  if (last->wish_.client == waiter.wish_.client || last->turn_ <= waiter.turn_) return false;
  queue_.pop_back();
  decide(*last, State::full);
  return true;
}

void SlotQueue::decide(Waiter& waiter, State state) {
  --waiting_;
  auto expected = State::waiting;
  const bool decided = waiter.state_.compare_exchange_strong(expected, state, std::memory_order_acq_rel);
  const auto wake = std::exchange(waiter.wake_, nullptr);
  if (decided) return wake();
  // It had given up; nobody will give its slot back.
  if (state == State::served) give_back(usually_held());
}

void SlotQueue::serve() {
  sweep();
  while (!queue_.empty() && take(queue_.front()->wish_.limits.slots)) {
    const auto first = std::move(queue_.front());
    queue_.erase(queue_.begin());
    turn_ = first->turn_;
    turns_[first->wish_.client] = turn_ + 1;
    decide(*first, State::served);
  }
  // Who has had no turn since is like any other.
  std::erase_if(turns_, [this](const auto& entry) { return entry.second <= turn_; });
  for (std::size_t place = 0; place < queue_.size(); ++place) {
    auto& waiter = *queue_[place];
    waiter.place_.store(static_cast<std::uint32_t>(place), std::memory_order_relaxed);
    waiter.forecast_.store(wait_at(place, waiter.wish_.limits.slots).count(), std::memory_order_relaxed);
  }
}

void SlotQueue::sweep() {
  const auto gone = std::erase_if(queue_, [](const auto& waiter) { return waiter->state() == State::gone; });
  if (gone == 0) return;
  waiting_ -= static_cast<std::uint32_t>(gone);
  order();
}

}  // namespace punctual::targets
