#include "requestlog/log_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace punctual::requestlog {

namespace {

// 32 buckets for each doubling.
constexpr unsigned int half_bits = 5;
constexpr std::uint64_t exact_below = 2U << half_bits;
constexpr std::int64_t value_max = (std::int64_t{1} << 42) - 1;
constexpr std::size_t bucket_count = exact_below + (42 - half_bits - 1) * (exact_below / 2);

std::size_t bucket_of(std::int64_t value) {
  const auto number = static_cast<std::uint64_t>(std::clamp<std::int64_t>(value, 0, value_max));
  if (number < exact_below) return number;
  const auto shift = static_cast<unsigned int>(std::bit_width(number)) - half_bits - 1;
  return exact_below + (shift - 1) * (exact_below / 2) + ((number >> shift) - exact_below / 2);
}

std::int64_t middle_of(std::size_t bucket) {
  if (bucket < exact_below) return static_cast<std::int64_t>(bucket);
  const std::size_t place = bucket - exact_below;
  const auto shift = place / (exact_below / 2) + 1;
  const std::uint64_t low = (place % (exact_below / 2) + exact_below / 2) << shift;
  return static_cast<std::int64_t>(low + (std::uint64_t{1} << shift) / 2);
}

}  // namespace

void LogHistogram::add(std::int64_t value) {
  if (buckets_.empty()) buckets_.resize(bucket_count);
  ++buckets_[bucket_of(value)];
  smallest_ = count_ == 0 ? value : std::min(smallest_, value);
  largest_ = count_ == 0 ? value : std::max(largest_, value);
  ++count_;
}

std::int64_t LogHistogram::percentile(double share) const {
  if (count_ == 0) return 0;
  const double exact_rank = std::ceil(share * static_cast<double>(count_));
  const auto rank =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::max(exact_rank, 1.0)), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return std::clamp(middle_of(bucket), smallest_, largest_);
  }
  return largest_;
}

std::uint64_t LogHistogram::count_between(std::int64_t low, std::int64_t high) const {
  if (buckets_.empty() || high <= low) return 0;
  std::uint64_t count = 0;
  for (std::size_t bucket = bucket_of(low) + 1; bucket <= bucket_of(high); ++bucket)
    count += buckets_[bucket];
  return count;
}

}  // namespace punctual::requestlog
