#include "pool/pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pool/choice.hpp"
#include "pool/memory_estimate.hpp"
#include "pool/supervised.hpp"

namespace punctual::pool {

namespace {

using WaiterState = LoadWaiter::State;

// While somebody waits for what is usually soon there: an engine that lets go, one that has just been
// started.
constexpr deadline::Duration eager_tick = std::chrono::milliseconds(10);
constexpr deadline::Duration eager_for = std::chrono::seconds(2);
constexpr deadline::Duration busy_tick = std::chrono::milliseconds(50);
constexpr deadline::Duration idle_tick = std::chrono::seconds(1);

}  // namespace

Pool::Pool(Options options)
    : options_(std::move(options)),
      configuration_(std::make_shared<config::Configuration>()),
      timer_(&Pool::tick, this) {}

Pool::~Pool() = default;

std::shared_ptr<Engine> Pool::find(std::string_view model) {
  const std::lock_guard lock(mutex_);
  const auto found = engines_.find(model);
  if (found != engines_.end()) return found->second;
  return engines_.emplace(model, std::make_shared<Engine>(std::string(model))).first->second;
}

std::shared_ptr<LoadWaiter> Pool::join(const std::shared_ptr<Engine>& engine, std::function<void()> wake) {
  auto waiter = std::make_shared<LoadWaiter>();
  waiter->wake_ = std::move(wake);
  options_.post([this, engine, waiter] { admit(engine, waiter); });
  return waiter;
}

bool Pool::leave(const std::shared_ptr<LoadWaiter>& waiter) {
  auto state = WaiterState::waiting;
  if (!waiter->state_.compare_exchange_strong(state, WaiterState::gone)) return false;
  options_.post([this] {
    for (const auto& one : supervised_)
      one->sweep();
    schedule();
  });
  return true;
}

void Pool::release_when_free(const std::shared_ptr<Engine>& engine, Cancelled cancelled) {
  options_.post([this, engine, cancelled = std::move(cancelled)]() mutable {
    auto* const one = supervised(engine->name);
    if (!one || !one->running()) {
      if (cancelled.release) cancelled.release();
      return;
    }
    one->suspect(std::move(cancelled));
    schedule();
  });
}

void Pool::refuse(LoadWaiter& waiter, std::string reason, deadline::Duration retry_after) {
  waiter.reason_ = std::move(reason);
  waiter.retry_after_ = retry_after;
  auto state = WaiterState::waiting;
  if (waiter.state_.compare_exchange_strong(state, WaiterState::refused, std::memory_order_acq_rel))
    waiter.wake_();
}

// True when it needs nothing more.
bool Pool::serve(Engine& engine, LoadWaiter& waiter) {
  if (waiter.state() == WaiterState::gone) return true;
  if (!engine.leases.take()) return false;
  auto state = WaiterState::waiting;
  if (waiter.state_.compare_exchange_strong(state, WaiterState::ready, std::memory_order_acq_rel)) {
    waiter.wake_();
  } else {
    engine.leases.give_back();
  }
  return true;
}

void Pool::note_progress(LoadWaiter& waiter) {
  if (waiter.state() != WaiterState::waiting) return;
  waiter.progress_.fetch_add(1, std::memory_order_relaxed);
  waiter.wake_();
}

Supervised* Pool::supervised(std::string_view model) const {
  const auto found =
      std::ranges::find(supervised_, model, [](const auto& one) -> auto& { return one->engine().name; });
  return found == supervised_.end() ? nullptr : found->get();
}

void Pool::admit(const std::shared_ptr<Engine>& engine, const std::shared_ptr<LoadWaiter>& waiter) {
  auto* const one = supervised(engine->name);
  if (!one || !one->model())
    return refuse(*waiter, fmt::format("Model '{}' is no local model any more.", engine->name), {});
  if (closing_) return refuse(*waiter, "The gateway is shutting down.", {});
  one->join(waiter);
  schedule();
}

void Pool::apply(std::shared_ptr<const config::Configuration> configuration) {
  configuration_ = std::move(configuration);
  for (const auto& model : configuration_->models) {
    if (!supervised(model.name)) supervised_.push_back(std::make_unique<Supervised>(*this, find(model.name)));
  }
  for (const auto& one : supervised_) {
    const auto model =
        std::ranges::find(configuration_->models, one->engine().name, &config::LocalModel::name);
    // It keeps the whole configuration, which its limits point into.
    one->set_model(model == configuration_->models.end()
                       ? nullptr
                       : std::shared_ptr<const config::LocalModel>(configuration_, &*model));
  }
  std::erase_if(supervised_, [](const auto& one) {
    return !one->model() && !one->holds_memory() && one->engine().leases.count() == 0;
  });
  schedule();
}

bool Pool::load(std::string_view model) {
  auto* const one = supervised(model);
  if (!one || !one->model() || closing_) return false;
  if (one->state() == EngineState::ready) return true;
  one->forget_failures();
  one->want();
  schedule();
  return true;
}

bool Pool::unload(std::string_view model) {
  auto* const one = supervised(model);
  if (!one || !one->holds_memory()) return false;
  one->refuse_all(fmt::format("Model '{}' was unloaded by an operator.", model), {});
  one->unload();
  schedule();
  return true;
}

std::uint64_t Pool::limit_bytes() const {
  return limit_in_bytes(configuration_->pool.memory_limit, options_.machine_memory());
}

std::uint64_t Pool::used_bytes() const {
  std::uint64_t used = 0;
  for (const auto& one : supervised_) {
    if (one->holds_memory()) used += one->bytes();
  }
  return used;
}

PoolView Pool::view() const {
  const auto now = options_.runtime.now();
  PoolView view{now, limit_bytes(), options_.machine_memory(), used_bytes(), {}};
  for (const auto& one : supervised_) {
    if (one->model() || one->holds_memory()) view.engines.push_back(one->view(now));
  }
  return view;
}

// Whoever is wanted and does not run: refused, started, or given room to start.
void Pool::schedule() {
  if (std::exchange(scheduling_, true)) return;
  const auto now = options_.runtime.now();
  for (const auto& one : supervised_) {
    if (!one->wanted() || one->holds_memory() || !one->model()) continue;
    if (const auto pause = one->left_alone(now)) {
      one->refuse_all(one->problem(), *pause);
      continue;
    }
    give_memory(*one);
  }
  // The limit may have been lowered.
  while (used_bytes() > limit_bytes() && make_room(0)) {
  }
  scheduling_ = false;
  arm();
}

bool Pool::make_room(std::uint64_t bytes) {
  std::vector<Resident> residents;
  std::vector<Supervised*> who;
  for (const auto& one : supervised_) {
    if (!one->holds_memory()) continue;
    const auto& engine = one->engine();
    const bool ready = one->state() == EngineState::ready;
    const auto used = deadline::Duration(engine.last_used.load(std::memory_order_relaxed));
    residents.push_back({.bytes = one->bytes(),
                         .last_used = deadline::Instant(used),
                         .ready_since = one->since(),
                         .pinned = one->model() && one->model()->pinned,
                         .busy = !ready || engine.leases.count() > 0 || one->waiting() > 0,
                         .leaving = one->state() == EngineState::stopping});
    who.push_back(one.get());
  }
  const Need need{bytes, limit_bytes(), bytes > 0 ? configuration_->pool.residence_min : deadline::Duration(),
                  bytes == 0};
  const auto leaving = who_leaves(residents, need, options_.runtime.now());
  if (!leaving) return false;
  // One that has just been taken stays; the next look finds another.
  bool any = false;
  for (const auto place : *leaving)
    any = who[place]->stop_if_idle() || any;
  return any || bytes > 0;
}

bool Pool::clear_for(const Supervised& wanting) {
  bool any = false;
  for (const auto& one : supervised_) {
    const bool may_leave = one.get() != &wanting && one->state() == EngineState::ready && one->model() &&
                           !one->model()->pinned && one->waiting() == 0;
    any = (may_leave && one->stop_if_idle()) || any;
  }
  return any;
}

void Pool::give_memory(Supervised& wanting) {
  const auto& need = wanting.measure();
  const auto limit = limit_bytes();
  if (!need.problem.empty()) return wanting.refuse_all(need.problem, {});
  if (need.bytes > limit) {
    return wanting.refuse_all(
        fmt::format("Model '{}' can never be loaded: it takes {}, and the model pool may use {}.",
                    wanting.engine().name, need.words, bytes_in_words(limit)),
        {});
  }
  wanting.wait_for_memory();
  if (wanting.awaits_departures()) {
    const bool leaving = std::ranges::any_of(
        supervised_, [](const auto& one) { return one->state() == EngineState::stopping; });
    if (leaving) return;
    wanting.note_departed();
  }
  if (used_bytes() + need.bytes > limit) (void)make_room(need.bytes);
  if (used_bytes() + need.bytes <= limit) wanting.start();
}

void Pool::retire_idle() {
  const auto now = options_.runtime.now().time_since_epoch();
  for (const auto& one : supervised_) {
    if (one->state() != EngineState::ready || !one->model() || one->model()->pinned) continue;
    const auto& idle = one->model()->idle_unload.value_or(configuration_->pool.idle_unload).duration;
    if (!idle) continue;
    const auto used = deadline::Duration(one->engine().last_used.load(std::memory_order_relaxed));
    if (now - used >= *idle) one->stop_if_idle();
  }
}

void Pool::tick(void* self) {
  auto& pool = *static_cast<Pool*>(self);
  const auto now = pool.options_.runtime.now();
  for (const auto& one : pool.supervised_)
    one->tend(now);
  pool.retire_idle();
  pool.schedule();
}

void Pool::arm() {
  bool busy = false;
  bool any = false;
  bool eager = false;
  const auto now = options_.runtime.now();
  for (const auto& one : supervised_) {
    const auto state = one->state();
    const bool young = state == EngineState::loading && now - one->since() < eager_for;
    eager = eager || young || one->verifies();
    any = any || one->holds_memory() || one->wanted();
    busy = busy || state == EngineState::loading || state == EngineState::stopping ||
           state == EngineState::quarantined;
  }
  if (closing_ && !any && closed_) std::exchange(closed_, nullptr)();
  if (!any) return;
  const auto due = now + (eager ? eager_tick : busy ? busy_tick : idle_tick);
  if (timer_.armed() && due_ <= due) return;
  due_ = due;
  options_.runtime.wheel().arm(timer_, due);
}

void Pool::close(std::function<void()> done) {
  closing_ = true;
  closed_ = std::move(done);
  for (const auto& one : supervised_) {
    one->refuse_all("The gateway is shutting down.", {});
    one->stop();
  }
  arm();
}

}  // namespace punctual::pool
