#include "pool/supervised.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pool/memory_failure.hpp"
#include "telemetry/log.hpp"

namespace punctual::pool {

namespace {

using deadline::Duration;

// After a first SIGTERM, a second one (an engine may be waiting for its streams), then SIGKILL.
constexpr Duration second_term_after = std::chrono::milliseconds(2500);
constexpr Duration kill_after = std::chrono::seconds(5);
constexpr Duration left_alone_first = std::chrono::seconds(1);
constexpr Duration left_alone_max = std::chrono::seconds(300);
// A process that lived for so long did not fail for what the one before it did.
constexpr Duration good_life = std::chrono::seconds(60);
// Of a load that has hardly begun nothing can be said.
constexpr double share_told = 0.05;
constexpr Duration measured_every = std::chrono::milliseconds(50);

// Whether a process that was started with the one serves the other.
bool same_process(const config::LocalModel& a, const config::LocalModel& b) {
  return a.engine == b.engine && a.file == b.file && a.projector == b.projector && a.command == b.command &&
         a.arguments == b.arguments && a.context == b.context && a.slots == b.slots &&
         a.provider.base_url.text() == b.provider.base_url.text();
}

}  // namespace

Supervised::Supervised(Pool& pool, std::shared_ptr<Engine> engine)
    : pool_(pool),
      engine_(std::move(engine)),
      verification_({pool.options_.runtime.clock(), pool.options_.prober, pool.options_.metrics}) {}

void Supervised::enter(EngineState state) {
  if (this->state() == state) return;
  engine_->state.store(state, std::memory_order_relaxed);
  since_ = pool_.options_.runtime.now();
}

void Supervised::set_model(std::shared_ptr<const config::LocalModel> model) {
  const bool same = model && model_ && same_process(*model, *model_) && model->memory == model_->memory;
  model_ = std::move(model);
  if (same) return;
  forget_failures();
  need_ = {};
  load_took_ = {};
  if (state() == EngineState::ready) stop_when_idle();
  if (state() == EngineState::loading) stop();
  if (!model_) refuse_all("The model was taken out of the settings.", {});
}

void Supervised::forget_failures() {
  failures_ = 0;
  left_alone_until_ = {};
  problem_.clear();
  last_lines_.clear();
}

void Supervised::join(const std::shared_ptr<LoadWaiter>& waiter) {
  if (Pool::serve(*engine_, *waiter)) return;
  waiters_.push_back(waiter);
}

void Supervised::refuse_all(const std::string& reason, Duration retry_after) {
  wanted_by_hand_ = false;
  for (const auto& waiter : std::exchange(waiters_, {}))
    Pool::refuse(*waiter, reason, retry_after);
}

void Supervised::sweep() {
  const bool waited = !waiters_.empty();
  std::erase_if(waiters_, [](const auto& waiter) { return waiter->state() == LoadWaiter::State::gone; });
  if (!waited || wanted()) return;
  // Nobody waits for it any more.
  if (state() == EngineState::loading && !pool_.configuration_->pool.finish_abandoned_loads) stop();
  if (state() == EngineState::waiting) enter(EngineState::unloaded);
}

std::optional<Duration> Supervised::left_alone(deadline::Instant now) const {
  if (now >= left_alone_until_) return std::nullopt;
  return left_alone_until_ - now;
}

const MemoryNeed& Supervised::measure() {
  if (need_.words.empty() && need_.problem.empty()) need_ = pool_.options_.memory_need(*model_);
  return need_;
}

std::uint64_t Supervised::bytes() const {
  return std::max(need_.bytes, measured_);
}

void Supervised::start() {
  running_ = model_;
  ++generation_;
  probing_ = false;
  measured_ = 0;
  stop_step_ = 0;
  leaves_when_idle_ = false;
  const auto now = pool_.options_.runtime.now();
  enter(EngineState::loading);
  life_at_ = now;
  life_ = 0;
  telemetry::log_info(fmt::format("model {}: loading", engine_->name));
  auto started =
      pool_.options_.launcher.start(*running_, [this, generation = generation_](const std::string& how) {
        if (generation == generation_) exited(how);
      });
  if (!started) return fail("cannot be started: " + started.error());
  launched_ = std::move(*started);
  engine_->loads.fetch_add(1, std::memory_order_relaxed);
}

void Supervised::probe() {
  if (std::exchange(probing_, true)) return;
  const auto heard = [this, generation = generation_, alive = std::weak_ptr(alive_)](bool ready) {
    if (alive.expired() || generation != generation_) return;
    probing_ = false;
    if (ready && state() == EngineState::loading) became_ready();
  };
  pool_.options_.prober.ready(running_, heard);
}

void Supervised::became_ready() {
  const auto now = pool_.options_.runtime.now();
  telemetry::log_info(
      fmt::format("model {}: ready after {:.1f} s", engine_->name, deadline::seconds(now - since_)));
  load_took_ = now - since_;
  enter(EngineState::ready);
  retried_for_memory_ = false;
  engine_->last_used.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  engine_->leases.open();
  wanted_by_hand_ = false;
  for (const auto& waiter : std::exchange(waiters_, {}))
    Pool::serve(*engine_, *waiter);
}

bool Supervised::stop_if_idle() {
  if (state() == EngineState::ready && !engine_->leases.close_if_idle()) return false;
  stop();
  return true;
}

void Supervised::unload() {
  starts_anew_ = false;
  if (state() == EngineState::quarantined) return;
  if (state() != EngineState::ready) return stop();
  stop_when_idle();
  stop_if_idle();
}

void Supervised::stop_when_idle() {
  engine_->leases.close();
  leaves_when_idle_ = true;
}

void Supervised::stop() {
  engine_->leases.close();
  leaves_when_idle_ = false;
  if (!launched_) return enter(EngineState::unloaded);
  if (state() == EngineState::stopping) return;
  enter(EngineState::stopping);
  stop_step_ = 1;
  launched_->terminate();
}

void Supervised::tend(deadline::Instant now) {
  dead_.clear();
  if (launched_ && now - measured_at_ >= measured_every) {
    measured_ = launched_->memory_bytes();
    measured_at_ = now;
  }
  tend_suspects(now);
  switch (state()) {
    case EngineState::loading:
      return tend_loading(now);
    case EngineState::stopping:
      return tend_stopping(now);
    case EngineState::ready:
    case EngineState::quarantined:
      return tend_ready();
    case EngineState::unloaded:
    case EngineState::waiting:
      return;
  }
}

void Supervised::note_signs(deadline::Instant now) {
  const auto life = launched_->signs_of_life() + measured_;  // more memory is a sign too
  if (life == life_) return;
  life_ = life;
  life_at_ = now;
  for (const auto& waiter : waiters_)
    Pool::note_progress(*waiter);
}

void Supervised::tend_loading(deadline::Instant now) {
  if (!launched_) return;
  note_signs(now);
  const auto& limit = pool_.configuration_->timeouts.load.duration;
  if (limit && now - life_at_ >= *limit) {
    last_lines_ = launched_->last_lines();
    launched_->kill();
    return fail(fmt::format("has made no progress while loading for {:g} s", deadline::seconds(*limit)));
  }
  probe();
}

void Supervised::tend_ready() {
  if (state() == EngineState::quarantined && engine_->calls.load() <= verification_.count()) return stop();
  if (leaves_when_idle_) stop_if_idle();
}

void Supervised::suspect(Cancelled cancelled) {
  verification_.add(std::move(cancelled));
  tend_suspects(pool_.options_.runtime.now());
}

void Supervised::tend_suspects(deadline::Instant now) {
  if (verification_.count() == 0) return;
  const auto limit = pool_.configuration_->pool.free_within;
  if (limit == Duration::zero()) return verification_.release_all();
  if (state() == EngineState::ready && now - verification_.since() >= limit) return quarantine();
  verification_.ask(running_, *engine_);
}

// Its other requests end as they would; none of them is ended for what one of them has left behind.
void Supervised::quarantine() {
  telemetry::log_warning(fmt::format(
      "model {}: {} of its requests was cancelled and is not known to have ended after {:g} s; the "
      "engine is started anew when the other {} have ended",
      engine_->name, verification_.count(), deadline::seconds(pool_.configuration_->pool.free_within),
      engine_->calls.load() - verification_.count()));
  pool_.options_.metrics.engines_quarantined.add();
  ++quarantines_;
  engine_->leases.close();
  starts_anew_ = true;
  enter(EngineState::quarantined);
  tend_ready();
}

void Supervised::tend_stopping(deadline::Instant now) {
  if (!launched_) return;
  if (stop_step_ == 1 && now - since_ >= second_term_after) {
    stop_step_ = 2;
    launched_->terminate();
  } else if (stop_step_ == 2 && now - since_ >= kill_after) {
    stop_step_ = 3;
    launched_->kill();
  }
}

void Supervised::exited(const std::string& how) {
  auto gone = std::exchange(launched_, nullptr);
  auto lines = gone->last_lines();
  dead_.push_back(std::move(gone));
  ++generation_;
  probing_ = false;
  const auto before = state();
  engine_->leases.close();
  verification_.release_all();
  const bool starts_anew = std::exchange(starts_anew_, false);
  if (before == EngineState::stopping) {
    telemetry::log_info(fmt::format("model {}: unloaded", engine_->name));
    enter(EngineState::unloaded);
    if (starts_anew && model_) want();
    return pool_.schedule();
  }
  const bool was_used = before == EngineState::ready || before == EngineState::quarantined;
  if (was_used) {
    engine_->crashes.fetch_add(1, std::memory_order_relaxed);
    if (pool_.options_.runtime.now() - since_ >= good_life) failures_ = 0;
  }
  last_lines_ = std::move(lines);
  if (before == EngineState::loading && tries_again_for_memory(how)) return pool_.schedule();
  fail(was_used ? "ended while it was in use: " + how : "did not start: " + how);
}

// Once: others are asked to leave, and it starts again when they have.
bool Supervised::tries_again_for_memory(const std::string& how) {
  if (!wanted() || std::exchange(retried_for_memory_, true)) return false;
  if (!ran_out_of_memory(how, last_lines_) || !pool_.clear_for(*this)) return false;
  telemetry::log_warning(
      fmt::format("model {}: there was not enough memory for it ({}); those that nobody uses leave, then it "
                  "is loaded once more",
                  engine_->name, how));
  awaits_departures_ = true;
  enter(EngineState::waiting);
  return true;
}

void Supervised::fail(std::string problem) {
  retried_for_memory_ = false;
  problem_ = fmt::format("The engine of model '{}' {}.", engine_->name, problem);
  if (!last_lines_.empty()) problem_ += " Its last words: " + last_lines_.back();
  telemetry::log_error(problem_);
  auto pause = left_alone_first;
  for (std::uint32_t i = 0; i < failures_ && pause < left_alone_max; ++i)
    pause *= 2;
  ++failures_;
  pause = std::min(pause, left_alone_max);
  left_alone_until_ = pool_.options_.runtime.now() + pause;
  // Killed, and not yet buried: its memory still counts.
  if (launched_) {
    enter(EngineState::stopping);
    stop_step_ = 3;
  } else {
    enter(EngineState::unloaded);
  }
  refuse_all(problem_, pause);
  pool_.schedule();
}

// As long as the last load took, else as fast as it was until now. Nothing: later than either has told.
std::optional<Duration> Supervised::ready_in(deadline::Instant now, double share) const {
  const auto since = now - since_;
  if (load_took_ > since) return load_took_ - since;
  if (load_took_ > Duration::zero() || share < share_told || share >= 1) return std::nullopt;
  return std::chrono::duration_cast<Duration>(since * ((1 - share) / share));
}

EngineView Supervised::view(deadline::Instant now) const {
  EngineView view;
  view.name = engine_->name;
  view.state = state();
  view.pinned = model_ && model_->pinned;
  view.memory_bytes = bytes();
  view.measured = measured_ > 0 && measured_ >= need_.bytes;
  view.memory_words = need_.words;
  view.in_flight = engine_->leases.count();
  view.waiting = waiters_.size();
  if (since_ != deadline::Instant{}) view.state_for = now - since_;
  if (view.state == EngineState::ready && view.in_flight == 0)
    view.idle_for = now.time_since_epoch() - Duration(engine_->last_used.load(std::memory_order_relaxed));
  view.retried_in = left_alone(now);
  view.problem = problem_;
  view.last_lines = last_lines_;
  view.loads = engine_->loads.load(std::memory_order_relaxed);
  view.crashes = engine_->crashes.load(std::memory_order_relaxed);
  view.quarantines = quarantines_;
  view.cancel_to_free = verification_.last();
  if (view.state == EngineState::loading) {
    if (need_.bytes > 0)
      view.load_share = std::min(1.0, static_cast<double>(measured_) / static_cast<double>(need_.bytes));
    view.ready_in = ready_in(now, view.load_share.value_or(0));
  }
  view.pid = launched_ ? launched_->pid() : 0;
  return view;
}

}  // namespace punctual::pool
