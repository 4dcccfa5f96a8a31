// One engine's life: started, probed until it is ready, watched, asked to end, buried. The pool's thread
// only.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pool/engine.hpp"
#include "pool/engine_view.hpp"
#include "pool/load_waiter.hpp"
#include "pool/pool.hpp"
#include "pool/verification.hpp"

namespace punctual::pool {

class Supervised {
 public:
  Supervised(Pool& pool, std::shared_ptr<Engine> engine);
  Supervised(const Supervised&) = delete;
  Supervised& operator=(const Supervised&) = delete;

  // The model's settings; nullptr: it is no model any more. A running engine of other settings ends when
  // nobody uses it.
  void set_model(std::shared_ptr<const config::LocalModel> model);
  const config::LocalModel* model() const { return model_.get(); }
  Engine& engine() const { return *engine_; }
  EngineState state() const { return engine_->state.load(std::memory_order_relaxed); }

  void join(const std::shared_ptr<LoadWaiter>& waiter);
  void want() { wanted_by_hand_ = true; }
  void forget_failures();
  bool wanted() const { return wanted_by_hand_ || !waiters_.empty(); }
  std::size_t waiting() const { return waiters_.size(); }
  void refuse_all(const std::string& reason, deadline::Duration retry_after);
  // Those that have given up go.
  void sweep();

  // How long it is left alone after a failure.
  std::optional<deadline::Duration> left_alone(deadline::Instant now) const;
  const std::string& problem() const { return problem_; }
  // What it will take; found out once for the present settings.
  const MemoryNeed& measure();
  // What counts: estimated before it is ready, and at least what is measured after.
  std::uint64_t bytes() const;
  bool holds_memory() const { return launched_ != nullptr || state() == EngineState::loading; }
  deadline::Instant since() const { return since_; }
  void wait_for_memory() { enter(EngineState::waiting); }
  // It ran out of memory, and others are leaving for it.
  bool awaits_departures() const { return awaits_departures_; }
  void note_departed() { awaits_departures_ = false; }
  // Ends when its last request has.
  void unload();

  void start();
  // True: it is ending, or has ended.
  bool stop_if_idle();
  // Nobody new gets it.
  void stop_when_idle();
  // Ends it even though somebody uses it.
  void stop();
  // What a cancelled request held, until the engine, which runs, is free of it.
  void suspect(Cancelled cancelled);
  bool verifies() const { return verification_.count() > 0; }
  bool running() const { return launched_ != nullptr; }
  // Looks after what takes time. To be called now and then.
  void tend(deadline::Instant now);
  EngineView view(deadline::Instant now) const;

 private:
  void enter(EngineState state);
  std::optional<deadline::Duration> ready_in(deadline::Instant now, double share) const;
  void probe();
  void became_ready();
  void note_signs(deadline::Instant now);
  void tend_loading(deadline::Instant now);
  void tend_ready();
  void tend_stopping(deadline::Instant now);
  void tend_suspects(deadline::Instant now);
  void quarantine();
  void exited(const std::string& how);
  void fail(std::string problem);
  bool tries_again_for_memory(const std::string& how);

  Pool& pool_;
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<const config::LocalModel> model_;
  std::shared_ptr<const config::LocalModel> running_;  // with which it was started
  std::deque<std::shared_ptr<LoadWaiter>> waiters_;
  std::unique_ptr<Launched> launched_;
  std::vector<std::unique_ptr<Launched>> dead_;  // destroyed at the next look, not inside its own call
  MemoryNeed need_;
  deadline::Instant since_{};       // in this state
  deadline::Duration load_took_{};  // the last one; zero: there was none with these settings
  deadline::Instant life_at_{};
  std::uint64_t life_ = 0;
  std::uint64_t generation_ = 0;  // of the process: answers for an earlier one are not heard
  std::uint64_t measured_ = 0;
  deadline::Instant measured_at_{};
  Verification verification_;
  std::uint32_t failures_ = 0;  // one after another
  std::uint32_t quarantines_ = 0;
  deadline::Instant left_alone_until_{};
  std::string problem_;
  std::vector<std::string> last_lines_;
  int stop_step_ = 0;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  bool probing_ = false;
  bool wanted_by_hand_ = false;
  bool leaves_when_idle_ = false;
  bool starts_anew_ = false;  // after its end
  bool retried_for_memory_ = false;
  bool awaits_departures_ = false;
};

}  // namespace punctual::pool
