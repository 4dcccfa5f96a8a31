// Whether an engine has let go of the requests that were cancelled: what held them is released when the
// engine says so, not when the connection was closed. The pool's thread only.
//
// An engine that says how many requests it has (engine_work.hpp) is asked until it has no more than those
// that are still wanted; twice where others use it, because one of theirs may begin or end meanwhile. One
// that cannot be asked is believed.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "config/pool.hpp"
#include "pool/engine.hpp"
#include "pool/launcher.hpp"
#include "telemetry/metrics.hpp"

namespace punctual::pool {

// What a request held when it was cancelled.
struct Cancelled {
  deadline::Instant at{};  // it was to end
  bool answering = false;  // it had its first token
  Lease lease;
  EngineCall call;
  std::move_only_function<void()> release;  // of what else it held: called or destroyed, once
};

class Verification {
 public:
  struct Options {
    const deadline::Clock& clock;
    Prober& prober;
    telemetry::Metrics& metrics;
  };

  explicit Verification(Options options) : options_(options) {}
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  void add(Cancelled cancelled) { waiting_.push_back(std::move(cancelled)); }
  // How many are not known to have ended.
  std::size_t count() const { return waiting_.size(); }
  // Since when the one that has waited longest should have ended; with `count` > 0.
  deadline::Instant since() const { return waiting_.front().at; }
  // Asks, unless an answer is awaited.
  void ask(const std::shared_ptr<const config::LocalModel>& model, const Engine& engine);
  // The process has ended, and with it all its work; answers of it are not heard any more.
  void release_all();
  // How long the last one took.
  std::optional<deadline::Duration> last() const { return last_; }

 private:
  void heard(const Prober::Work& work, std::uint32_t calls_before, std::uint32_t calls_now);
  void release(std::size_t count);

  Options options_;
  std::deque<Cancelled> waiting_;  // the oldest first
  std::optional<deadline::Duration> last_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  bool asking_ = false;
  bool once_free_ = false;
};

}  // namespace punctual::pool
