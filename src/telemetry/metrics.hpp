// What one core counts; summed over the cores when Prometheus asks.
//
// Each counter is written by its core's thread alone and may be read by any: a relaxed load and store, no
// locked instruction. Labels are bounded: endpoints, phases, kinds of sources and outcomes, never names that
// a client chooses.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "deadline/limits.hpp"

namespace punctual::telemetry {

class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount = 1) { add(~amount + 1); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// Durations in fixed buckets.
class Histogram {
 public:
  static constexpr std::array bounds_seconds = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05,
                                                0.1,    0.25,  0.5,   1.0,   2.5,  5.0,   10.0,
                                                30.0,   60.0,  120.,  300.,  900.};
  void observe(deadline::Duration duration);

 private:
  friend class Exposition;
  std::array<Counter, bounds_seconds.size() + 1> buckets_;
  Counter sum_nanoseconds_;
};

enum class Outcome : std::uint8_t { success, timeout, error, refused, cancelled, stopped };
inline constexpr std::size_t outcome_count = 6;
std::string_view name_of(Outcome outcome);

inline constexpr std::size_t endpoint_count = 3;
inline constexpr std::size_t source_kind_count = 9;

struct Metrics {
  std::array<std::array<Counter, outcome_count>, endpoint_count> requests;
  std::array<std::array<Counter, source_kind_count>, deadline::phase_count> timeouts;
  std::array<Histogram, endpoint_count> request_duration;
  std::array<Histogram, endpoint_count> time_to_first_token;
  Histogram deadline_lateness;
  Histogram hang_up_to_cancel;
  std::array<Histogram, 2> cancel_to_free;  // of local engines: before the first token, while answering
  Counter prompt_tokens;
  Counter completion_tokens;
  Counter attempts;
  Counter fallbacks;
  Counter retries;
  Counter queue_refusals;
  Counter breakers_opened;
  Counter engines_quarantined;
  Counter upstream_connections_opened;
  Counter upstream_connections_reused;
  Counter heartbeats;
  Counter requests_in_flight;  // goes down too
  Counter connections_open;    // goes down too
  Counter connections_refused;
  Counter records_lost;
};

// The text format, version 0.0.4.
std::string prometheus_text(std::span<const Metrics* const> cores);

}  // namespace punctual::telemetry
