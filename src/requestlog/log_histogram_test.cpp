#include "requestlog/log_histogram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace punctual::requestlog {
namespace {

TEST(LogHistograms, OfNothingAreZero) {
  const LogHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.percentile(0.99), 0);
  EXPECT_EQ(histogram.count_between(0, 1'000'000), 0U);
}

TEST(LogHistograms, TakeAnyValue) {
  LogHistogram histogram;
  histogram.add(-1);
  histogram.add(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(histogram.count(), 2U);
}

RC_GTEST_PROP(LogHistograms, KnowPercentilesToTwoPercent, ()) {
  auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(rc::gen::map(
      rc::gen::pair(rc::gen::inRange(0, 41), rc::gen::inRange(0, 1'000'000)), [](const auto& pair) {
        return static_cast<std::int64_t>(std::exp2(pair.first) * (1.0 + pair.second / 1e6));
      })));
  LogHistogram histogram;
  for (const auto value : values)
    histogram.add(value);
  std::ranges::sort(values);
  for (const double share : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto exact = static_cast<double>(values[std::max<std::size_t>(rank, 1) - 1]);
    RC_ASSERT(std::abs(static_cast<double>(histogram.percentile(share)) - exact) <= exact * 0.02);
  }
}

TEST(LogHistograms, CountBetween) {
  LogHistogram histogram;
  for (std::int64_t value = 1; value <= 1000; ++value)
    histogram.add(value * 1000);
  EXPECT_NEAR(static_cast<double>(histogram.count_between(500'000, 1'000'000)), 500, 20);
  EXPECT_EQ(histogram.count_between(2'000'000, 4'000'000), 0U);
}

}  // namespace
}  // namespace punctual::requestlog
