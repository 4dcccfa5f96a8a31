// A request's deadline in motion: the one place where its coroutine waits, for I/O, time, and whoever may
// stop it.
//
// The watch owns the signals and the only timer of a request. A wait returns the raised bits; `interrupted`
// then says whether the request has to end, and why. Reasons stay: once interrupted, always interrupted,
// until `begin`. The hooks let the owner look at the client and send heartbeats, wherever the request happens
// to wait. One thread only; the hooks must outlive the watch.
#pragma once

#include <cstdint>
#include <optional>

#include "base/signals.hpp"
#include "deadline/deadline.hpp"
#include "deadline/wheel.hpp"

namespace punctual::deadline {

namespace bits {
inline constexpr base::Signals::Mask timer = 1;
inline constexpr base::Signals::Mask stop = 2;  // an operator, or the end of the process
inline constexpr base::Signals::Mask client_readable = 4;
inline constexpr base::Signals::Mask client_writable = 8;
inline constexpr base::Signals::Mask upstream_readable = 16;
inline constexpr base::Signals::Mask upstream_writable = 32;
inline constexpr base::Signals::Mask connected = 64;
inline constexpr base::Signals::Mask slot = 128;   // who waits for one was decided
inline constexpr base::Signals::Mask pause = 256;  // a pause between two tries is over
inline constexpr base::Signals::Mask interrupts = timer | stop | client_readable;
}  // namespace bits

enum class Interruption : std::uint8_t { expired, client_gone, stopped };

class WatchHooks {
 public:
  // The client finished sending or its connection broke.
  virtual bool client_gone() = 0;
  // The time that was set with `set_heartbeat` has come. May set the next one.
  virtual void heartbeat(Instant now) = 0;

 protected:
  ~WatchHooks() = default;
};

// Of calls of our own, which no client waits for.
class NoClient final : public WatchHooks {
 public:
  bool client_gone() override { return false; }
  void heartbeat(Instant) override {}
};

class Watch {
 public:
  Watch(const Clock& clock, Wheel& wheel, base::ReadyQueue& ready, WatchHooks& hooks);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  base::Signals& signals() { return signals_; }
  const Deadline& deadline() const { return deadline_; }
  Instant now() const { return clock_.now(); }

  // Forgets the last request: no clock runs, nothing interrupts.
  void begin(const Limits& limits);
  // Narrows or widens the limits; running clocks keep their starts.
  void set_limits(const Limits& limits);

  void start(Phase phase) { start(phase, clock_.now()); }
  void start(Phase phase, Instant at);
  // Notes progress: as `start`, but without looking at the timer, because the deadline only moves later.
  void restart(Phase phase, Instant now) { deadline_.start(phase, now); }
  void stop(Phase phase) { deadline_.stop(phase); }

  void set_heartbeat(Instant at);
  void cancel_heartbeat() { heartbeat_at_ = Instant::max(); }

  // Awaitable: some of `wanted` or of bits::interrupts.
  auto wait(base::Signals::Mask wanted) { return signals_.wait(wanted | bits::interrupts); }

  // To be asked after each wait, with what it returned.
  std::optional<Interruption> interrupted(base::Signals::Mask raised);
  std::optional<Interruption> interruption() const { return interruption_; }

  // Takes an expiry back, because the request goes on with another target: the clocks of the upstream call
  // stop.
  void recover();

  // Which clock ran out, when the interruption is `expired`, and when that was noticed.
  const Expiry& expiry() const { return expiry_; }
  Instant interrupted_at() const { return interrupted_at_; }

 private:
  static void expire(void* self);
  void arm();
  void arm_at(Instant due);
  std::optional<Interruption> interrupt(Interruption reason, Instant now);

  const Clock& clock_;
  Wheel& wheel_;
  base::Signals signals_;
  WatchHooks& hooks_;
  Deadline deadline_;
  Timer timer_;
  Instant armed_for_ = Instant::max();
  Instant heartbeat_at_ = Instant::max();
  std::optional<Interruption> interruption_;
  Expiry expiry_;
  Instant interrupted_at_{};
};

}  // namespace punctual::deadline
