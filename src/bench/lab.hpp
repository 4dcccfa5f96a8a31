// Where measuring happens: one loop, on one core, with the load, the upstream and the clock that both are
// timed by. And time in it: pauses that let the loop run, ticks at a fixed rate.
//
// One thread only. Everything made on a lab must end before the lab does.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "net/connector.hpp"
#include "net/loop.hpp"

namespace punctual::bench {

class Lab {
 public:
  static std::expected<std::unique_ptr<Lab>, std::string> create();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  net::Loop& loop() { return loop_; }
  net::Runtime& runtime() { return loop_.runtime(); }
  net::Connector& connector() { return connector_; }
  deadline::Instant now() const { return clock_.now(); }

  // Lets the loop run until `done` says so; false when it did not within `limit`.
  bool run_until(const std::function<bool()>& done, deadline::Duration limit);
  void run_for(deadline::Duration duration);

 private:
  explicit Lab(std::unique_ptr<net::TlsContext> tls)
      : tls_(std::move(tls)), loop_(clock_), connector_(loop_, resolver_, *tls_) {}

  deadline::SystemClock clock_;
  net::Resolver resolver_;
  std::unique_ptr<net::TlsContext> tls_;
  net::Loop loop_;
  net::Connector connector_;
};

// Calls `tick` every `interval` as long as it lives, as evenly as the kernel can: the loop's own timers come
// in steps of 0.26 ms, which would turn an even load into bursts. Late ticks are made up for, up to
// `behind_max`.
class Ticker final : private net::Pollable {
 public:
  static constexpr std::uint64_t behind_max = 1000;

  Ticker(Lab& lab, deadline::Duration interval, std::function<void()> tick);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void on_events(std::uint32_t events) override;

  Lab& lab_;
  deadline::Duration interval_;
  std::function<void()> tick_;
  deadline::Instant started_;
  std::uint64_t ticked_ = 0;
  int descriptor_;
};

}  // namespace punctual::bench
