#include "requestlog/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "requestlog/requestlog_testing.hpp"

namespace punctual::requestlog {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class StatisticsTest : public RequestLogTest {
 protected:
  Statistics statistics(double from, double to, Filter filter = {}, std::size_t buckets = 10) const {
    filter.from = microseconds_at(from);
    filter.to = microseconds_at(to);
    auto read = read_statistics(
        *reader, {.filter = filter, .buckets = buckets, .now = {}, .until = storage::now() + seconds(30)});
    EXPECT_TRUE(read) << read.error().message;
    return read ? std::move(*read) : Statistics();
  }
};

INSTANTIATE_TEST_SUITE_P(, StatisticsTest, storage::both_dialects, storage::dialect_name);

TEST_P(StatisticsTest, OfNothing) {
  const auto empty = statistics(0, 100);
  EXPECT_EQ(empty.totals.requests, 0U);
  EXPECT_TRUE(empty.complete);
  EXPECT_EQ(empty.buckets.size(), 10U);
  EXPECT_FALSE(boost::json::serialize(to_json(empty)).empty());
}

TEST_P(StatisticsTest, CountAndCompare) {
  keep_all({{.at = 10, .model = "a"},
            {.at = 50, .model = "b", .outcome = "error", .status = 502, .first_token = {}},
            {.at = 90, .model = "a", .seconds = 3},
            {.at = -10, .model = "before"},
            {.at = 100, .model = "after"}});
  const auto found = statistics(0, 100);
  EXPECT_EQ(found.totals.requests, 3U);
  EXPECT_THAT(found.totals.outcomes, ElementsAre(Pair("error", 1), Pair("success", 2)));
  EXPECT_EQ(found.before.requests, 1U);
  ASSERT_EQ(found.groups.size(), 2U);
  EXPECT_EQ(found.groups[0].model, "a");
  EXPECT_EQ(found.groups[0].totals.requests, 2U);
  EXPECT_EQ(found.totals.completion_tokens, 90);
  // 60 tokens in 0.75 s and 2.75 s.
  ASSERT_TRUE(found.totals.tokens_per_second);
  EXPECT_NEAR(*found.totals.tokens_per_second, 60 / 3.5, 1e-9);
  EXPECT_EQ(found.buckets[1].totals.requests, 1U);
  EXPECT_EQ(found.buckets[9].totals.requests, 1U);
  ASSERT_EQ(found.slowest.size(), 2U);
  EXPECT_EQ(found.slowest[0].duration_us, 3'000'000);
  ASSERT_EQ(found.failures.size(), 1U);
  EXPECT_EQ(found.failures[0].model, "b");
}

TEST_P(StatisticsTest, TellPercentiles) {
  for (int i = 1; i <= 1000; ++i)
    keep(line_of({.at = 1, .seconds = i * 0.01, .first_token = i * 0.001}));
  commit();
  const auto found = statistics(0, 10);
  const auto& duration = found.totals.duration;
  const double wanted[] = {5e6, 9e6, 9.5e6, 9.9e6};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(static_cast<double>(duration.percentiles[i].microseconds), wanted[i], wanted[i] * 0.02);
    EXPECT_FALSE(duration.percentiles[i].at_least);
    EXPECT_NEAR(static_cast<double>(found.totals.first_token.percentiles[i].microseconds), wanted[i] / 10,
                wanted[i] / 10 * 0.02);
  }
}

TEST_P(StatisticsTest, SayWhereAPercentileIsOnlyABound) {
  for (int i = 0; i < 97; ++i)
    keep(line_of({.at = 1}));
  for (int i = 0; i < 3; ++i)
    keep(line_of({.at = 1, .outcome = "timeout", .seconds = 60, .limit = deadline::Phase::total}));
  commit();
  const auto& percentiles = statistics(0, 10).totals.duration.percentiles;
  EXPECT_FALSE(percentiles[0].at_least);
  EXPECT_FALSE(percentiles[2].at_least);
  EXPECT_TRUE(percentiles[3].at_least);
}

// 20 finish in the second half of the limit's minute, 5 are cut by it: four of five of those that run at half
// time finish, so four of five of the cut ones are thought to before two minutes.
TEST_P(StatisticsTest, EstimateWhatALongerLimitWouldHaveSaved) {
  for (int i = 0; i < 80; ++i)
    keep(line_of({.at = 1, .seconds = 5}));
  for (int i = 0; i < 20; ++i)
    keep(line_of({.at = 2, .seconds = 40}));
  for (int i = 0; i < 5; ++i)
    keep(line_of(
        {.at = 3, .outcome = "timeout", .status = 504, .seconds = 60, .limit = deadline::Phase::total}));
  commit();
  const auto found = statistics(0, 10);
  ASSERT_EQ(found.timeouts.size(), 1U);
  const auto& timeout = found.timeouts[0];
  EXPECT_EQ(timeout.phase, "total");
  EXPECT_EQ(timeout.source, "default");
  EXPECT_EQ(timeout.count, 5U);
  ASSERT_TRUE(timeout.estimate);
  EXPECT_EQ(timeout.estimate->finished, 100U);
  EXPECT_EQ(timeout.estimate->finished_late, 20U);
  EXPECT_NEAR(static_cast<double>(timeout.estimate->suggested_us), 70e6, 1.1e6);  // 40 s + 30 s
  EXPECT_EQ(timeout.estimate->tried_us, timeout.estimate->suggested_us);
  const double doublings = std::log2(static_cast<double>(timeout.estimate->tried_us) / 60e6);
  EXPECT_NEAR(timeout.estimate->would_have_finished, 1 - std::pow(0.2, doublings), 0.03);
}

TEST_P(StatisticsTest, HopeForNothingWhereRequestsStall) {
  for (int i = 0; i < 50; ++i)
    keep(line_of({.at = 1, .seconds = 2}));
  keep(line_of({.at = 3, .outcome = "timeout", .seconds = 60, .limit = deadline::Phase::total}));
  keep(line_of({.at = 3, .outcome = "timeout", .seconds = 60, .limit = deadline::Phase::idle}));
  commit();
  const auto found = statistics(0, 10);
  ASSERT_EQ(found.timeouts.size(), 2U);
  EXPECT_FALSE(found.timeouts[0].estimate);  // idle
  ASSERT_TRUE(found.timeouts[1].estimate);
  EXPECT_EQ(found.timeouts[1].estimate->would_have_finished, 0);
}

TEST_P(StatisticsTest, AreBoundedInGroups) {
  for (int i = 0; i < 300; ++i)
    keep(line_of({.at = 1, .model = "model" + std::to_string(i)}));
  commit();
  const auto found = statistics(0, 10);
  ASSERT_EQ(found.groups.size(), statistics_groups_max + 1);
  EXPECT_TRUE(found.groups.back().others);
  EXPECT_EQ(found.groups.back().totals.requests, 100U);
}

TEST_P(StatisticsTest, ReadAWindowThatIsLargerThanARead) {
  for (int i = 0; i < 5'001; ++i)
    keep(line_of({.at = i % 10 + 0.0, .model = i % 2 ? "odd" : "even"}));
  commit();
  EXPECT_EQ(statistics(0, 10).totals.requests, 5'001U);
  EXPECT_EQ(statistics(0, 10, {.models = {"odd"}}).totals.requests, 2'500U);
}

TEST_P(StatisticsTest, EndWhenTheTimeIsUp) {
  keep_all({{.at = 1}});
  const auto read =
      read_statistics(*reader, {.filter = {.from = microseconds_at(0), .to = microseconds_at(9)},
                                .buckets = 1,
                                .now = {},
                                .until = storage::now() - seconds(1)});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->complete);
}

}  // namespace
}  // namespace punctual::requestlog
