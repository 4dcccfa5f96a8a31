// What happened to the requests of a simulated upstream, over all its loops; any thread may count and read.
//
// started = finished + aborted + stopped + open, for requests to the generating routes. `finished` means that
// the simulation did all that it was asked for, an ordered reset included; `aborted` that the client went
// away first; `stopped` that the server was shut down meanwhile.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "deadline/clock.hpp"

namespace punctual::sim {

class Counters {
 public:
  Counters() = default;
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;

  // Returns the request's number, from 1.
  std::uint64_t start() { return started_.fetch_add(1, std::memory_order_relaxed) + 1; }
  void finish() { finished_.fetch_add(1, std::memory_order_relaxed); }
  void stop() { stopped_.fetch_add(1, std::memory_order_relaxed); }
  // `noticed` is the time from when the session was woken by the hang-up until its connection was closed:
  // what a server can know. The way through the network and the kernel is not in it.
  void abort(deadline::Duration noticed);

  std::uint64_t started() const { return started_.load(std::memory_order_relaxed); }
  std::uint64_t finished() const { return finished_.load(std::memory_order_relaxed); }
  std::uint64_t aborted() const { return aborted_.load(std::memory_order_relaxed); }
  std::uint64_t stopped() const { return stopped_.load(std::memory_order_relaxed); }
  std::uint64_t open() const;

  // {"started", "finished", "aborted", "stopped", "open", "noticed_ms": {"count", "p50", "max"}}; p50 is the
  // upper end of a bucket of powers of two of a microsecond, but at most max.
  std::string json() const;

 private:
  using Count = std::atomic<std::uint64_t>;

  double noticed_median_ms() const;

  Count started_ = 0;
  Count finished_ = 0;
  Count aborted_ = 0;
  Count stopped_ = 0;
  Count noticed_ns_max_ = 0;
  std::array<Count, 40> noticed_ = {};
};

}  // namespace punctual::sim
