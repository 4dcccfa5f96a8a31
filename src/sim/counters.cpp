#include "sim/counters.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>

namespace punctual::sim {

namespace {

constexpr double nanoseconds_per_millisecond = 1e6;
constexpr std::uint64_t nanoseconds_per_microsecond = 1000;

std::string decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

}  // namespace

void Counters::abort(deadline::Duration noticed) {
  const auto nanoseconds = static_cast<std::uint64_t>(std::max(noticed, deadline::Duration::zero()).count());
  const auto bucket = static_cast<std::size_t>(std::bit_width(nanoseconds / nanoseconds_per_microsecond));
  noticed_[std::min(bucket, noticed_.size() - 1)].fetch_add(1, std::memory_order_relaxed);
  auto max = noticed_ns_max_.load(std::memory_order_relaxed);
  while (nanoseconds > max &&
         !noticed_ns_max_.compare_exchange_weak(max, nanoseconds, std::memory_order_relaxed)) {
  }
  aborted_.fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t Counters::open() const {
  const auto ended = finished() + aborted() + stopped();
  return std::max(started(), ended) - ended;
}

double Counters::noticed_median_ms() const {
  std::uint64_t total = 0;
  for (const auto& bucket : noticed_)
    total += bucket.load(std::memory_order_relaxed);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < noticed_.size(); ++i) {
    seen += noticed_[i].load(std::memory_order_relaxed);
    if (seen * 2 >= total) return static_cast<double>(std::uint64_t{1} << i) / 1000;
  }
  return 0;
}

std::string Counters::json() const {
  const double max =
      static_cast<double>(noticed_ns_max_.load(std::memory_order_relaxed)) / nanoseconds_per_millisecond;
  return "{\"started\":" + std::to_string(started()) + ",\"finished\":" + std::to_string(finished()) +
         ",\"aborted\":" + std::to_string(aborted()) + ",\"stopped\":" + std::to_string(stopped()) +
         ",\"open\":" + std::to_string(open()) + ",\"noticed_ms\":{\"count\":" + std::to_string(aborted()) +
         ",\"p50\":" + decimal(std::min(noticed_median_ms(), max)) + ",\"max\":" + decimal(max) + "}}";
}

}  // namespace punctual::sim
