// How many values there were of which size, in buckets that grow with the size: any percentile to 2 %, in 5
// KB however many values there are. Microseconds; below 64 exact, above 2^42 (50 days) as one. A plain value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace punctual::requestlog {

class LogHistogram {
 public:
  void add(std::int64_t value);

  std::uint64_t count() const { return count_; }
  // The value that `share` of all (0..1) are not above; 0 without any.
  std::int64_t percentile(double share) const;
  // How many were above `low` and not above `high`, to the width of a bucket.
  std::uint64_t count_between(std::int64_t low, std::int64_t high) const;

 private:
  std::vector<std::uint64_t> buckets_;  // none until there is a value
  std::uint64_t count_ = 0;
  std::int64_t smallest_ = 0;
  std::int64_t largest_ = 0;
};

}  // namespace punctual::requestlog
