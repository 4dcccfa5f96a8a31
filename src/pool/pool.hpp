// The local models: which engines run, who waits for one, and how the memory is shared.
//
// A model is loaded when a request wants it, by one start that all who wait share; it leaves when it has been
// idle for long, or for the memory that another needs: the least recently used first, never one that is
// pinned or that a request uses or waits for. An engine's memory counts from the decision to start it to the
// end of its process. An engine that fails is left alone for a while that grows.
//
// `find`, `join` and `leave` may be called from any thread; the rest belongs to the pool's own, which `post`
// leads to. Launcher and prober outlive the pool.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"
#include "deadline/wheel.hpp"
#include "net/runtime.hpp"
#include "pool/engine.hpp"
#include "pool/engine_view.hpp"
#include "pool/launcher.hpp"
#include "pool/load_waiter.hpp"
#include "pool/memory_need.hpp"
#include "pool/verification.hpp"

namespace punctual::pool {

class Supervised;

class Pool {
 public:
  using Work = std::move_only_function<void()>;

  struct Options {
    net::Runtime& runtime;
    std::function<void(Work)> post;  // runs something on the pool's thread, soon
    Launcher& launcher;
    Prober& prober;
    std::function<std::uint64_t()> machine_memory;
    std::function<MemoryNeed(const config::LocalModel&)> memory_need;
    telemetry::Metrics& metrics;  // written by the pool's thread
  };

  explicit Pool(Options options);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  // --- any thread
  // Never nullptr; lives on when its model is taken out of the settings.
  std::shared_ptr<Engine> find(std::string_view model);
  // Asks for `engine` to be loaded. `wake` is called on the pool's thread when the waiter is decided, and
  // whenever the load makes progress.
  std::shared_ptr<LoadWaiter> join(const std::shared_ptr<Engine>& engine, std::function<void()> wake);
  // Gives up. False: it is decided, and a lease that it got is the caller's.
  bool leave(const std::shared_ptr<LoadWaiter>& waiter);
  // Takes over what a cancelled request held, until its engine is known to be free of it: asked every few
  // milliseconds. An engine that does not let go in time (pool.free_within) ends when its other requests
  // have, and is started anew.
  void release_when_free(const std::shared_ptr<Engine>& engine, Cancelled cancelled);

  // --- the pool's thread
  // The models and limits that hold from now on. Who is no model any more ends when nobody uses it.
  void apply(std::shared_ptr<const config::Configuration> configuration);
  // Loads it though no request wants it, and though it failed shortly before. False: there is no such model.
  bool load(std::string_view model);
  // Ends it when the last request that uses it has ended; new ones load it again. False: there is no such
  // model, or it does not run.
  bool unload(std::string_view model);
  PoolView view() const;
  // Ends all engines; `done` is called when the last process has ended.
  void close(std::function<void()> done);

 private:
  friend class Supervised;

  static void tick(void* self);
  void arm();
  void admit(const std::shared_ptr<Engine>& engine, const std::shared_ptr<LoadWaiter>& waiter);
  void schedule();
  void give_memory(Supervised& wanting);
  bool make_room(std::uint64_t bytes);
  // Everybody whom nobody uses leaves, but for pinned ones. False: there is none.
  bool clear_for(const Supervised& wanting);
  void retire_idle();
  Supervised* supervised(std::string_view model) const;
  std::uint64_t used_bytes() const;
  std::uint64_t limit_bytes() const;
  static void refuse(LoadWaiter& waiter, std::string reason, deadline::Duration retry_after);
  static bool serve(Engine& engine, LoadWaiter& waiter);
  static void note_progress(LoadWaiter& waiter);

  Options options_;
  std::mutex mutex_;  // over `engines_`
  std::map<std::string, std::shared_ptr<Engine>, std::less<>> engines_;
  std::shared_ptr<const config::Configuration> configuration_;
  std::vector<std::unique_ptr<Supervised>> supervised_;
  deadline::Timer timer_;
  deadline::Instant due_{};  // of the timer
  std::function<void()> closed_;
  bool closing_ = false;
  bool scheduling_ = false;
};

}  // namespace punctual::pool
