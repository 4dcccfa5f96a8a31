// All the chance of a seeded run, from one generator, so that a seed is a run.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "deadline/clock.hpp"

namespace punctual::simulation {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t end) { return end == 0 ? 0 : random_() % end; }
  std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
  bool chance(int percent) { return below(100) < static_cast<std::uint64_t>(percent); }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  // Whole milliseconds, short ones as likely as long ones.
  std::uint64_t milliseconds(std::uint64_t least, std::uint64_t most) {
    const double low = std::log(static_cast<double>(least));
    const double high = std::log(static_cast<double>(most));
    const double part = static_cast<double>(below(1'000'000)) / 1e6;
    return static_cast<std::uint64_t>(std::llround(std::exp(low + (high - low) * part)));
  }
  deadline::Duration duration(std::uint64_t least_ms, std::uint64_t most_ms) {
    return std::chrono::milliseconds(milliseconds(least_ms, most_ms));
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace punctual::simulation
