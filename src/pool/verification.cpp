#include "pool/verification.hpp"

#include <algorithm>
#include <utility>

namespace punctual::pool {

void Verification::ask(const std::shared_ptr<const config::LocalModel>& model, const Engine& engine) {
  if (waiting_.empty() || std::exchange(asking_, true)) return;
  const auto before = engine.calls.load(std::memory_order_relaxed);
  const auto answered = [this, alive = std::weak_ptr(alive_), before, &engine](const Prober::Work& work) {
    if (alive.expired()) return;
    asking_ = false;
    heard(work, before, engine.calls.load(std::memory_order_relaxed));
  };
  options_.prober.work(model, answered);
}

void Verification::heard(const Prober::Work& work, std::uint32_t calls_before, std::uint32_t calls_now) {
  using Kind = Prober::Work::Kind;
  const auto suspects = waiting_.size();
  if (work.kind == Kind::silent || suspects == 0) return;
  if (work.kind == Kind::unable) return release(suspects);
  // Those that came between question and answer may not be in the answer.
  const std::size_t calls = std::min(calls_before, calls_now);
  const std::size_t wanted = calls > suspects ? calls - suspects : 0;
  const std::size_t unwanted = work.requests > wanted ? work.requests - wanted : 0;
  if (unwanted >= suspects) {
    once_free_ = false;
    return;
  }
  if (wanted > 0 && !std::exchange(once_free_, true)) return;
  release(suspects - unwanted);
}

void Verification::release(std::size_t count) {
  once_free_ = false;
  for (; count > 0; --count) {
    auto one = std::move(waiting_.front());
    waiting_.pop_front();
    last_ = options_.clock.now() - one.at;
    options_.metrics.cancel_to_free[one.answering ? 1 : 0].observe(*last_);
    if (one.release) one.release();
  }
}

void Verification::release_all() {
  alive_ = std::make_shared<char>();
  asking_ = false;
  release(waiting_.size());
}

}  // namespace punctual::pool
