#include "requestlog/facets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "requestlog/requestlog_testing.hpp"
#include "requestlog/volume.hpp"

namespace punctual::requestlog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class Facets : public RequestLogTest {
 protected:
  void SetUp() override {
    RequestLogTest::SetUp();
    if (IsSkipped()) return;
    keep_all({{.at = 0, .model = "a"},
              {.at = 1, .model = "a", .outcome = "timeout", .status = 504, .limit = deadline::Phase::idle},
              {.at = 2, .model = "b"},
              {.at = 9, .model = "", .provider = "", .outcome = "refused", .status = 0}});
  }
  std::vector<std::pair<std::string, std::int64_t>> values(const Filter& filter, Dimension dimension) const {
    const auto facets = count_facets(*reader, filter, storage::now() + seconds(20));
    EXPECT_TRUE(facets) << facets.error().message;
    std::vector<std::pair<std::string, std::int64_t>> found;
    for (const auto& facet : facets.value_or(std::vector<Facet>())) {
      EXPECT_TRUE(facet.complete);
      if (facet.dimension != dimension) continue;
      for (const auto& [value, count] : facet.values)
        found.emplace_back(value, count);
    }
    return found;
  }
};

INSTANTIATE_TEST_SUITE_P(, Facets, storage::both_dialects, storage::dialect_name);

TEST_P(Facets, CountEachValue) {
  EXPECT_THAT(values({}, Dimension::model), ElementsAre(Pair("a", 2), Pair("b", 1)));
  EXPECT_THAT(values({}, Dimension::endpoint), ElementsAre(Pair("chat", 4)));
  EXPECT_THAT(values({}, Dimension::outcome),
              ElementsAre(Pair("success", 2), Pair("refused", 1), Pair("timeout", 1)));
  EXPECT_THAT(values({}, Dimension::limit), ElementsAre(Pair("none", 3), Pair("idle", 1)));
  EXPECT_THAT(values({}, Dimension::status), ElementsAre(Pair("2xx", 2), Pair("0", 1), Pair("5xx", 1)));
  EXPECT_THAT(values({}, Dimension::provider), ElementsAre(Pair("provider", 3)));
}

TEST_P(Facets, AreUnderAllConditionsButTheirOwn) {
  const Filter filter{.models = {"a"}, .outcomes = {"success"}};
  EXPECT_THAT(values(filter, Dimension::model), ElementsAre(Pair("a", 1), Pair("b", 1)));
  EXPECT_THAT(values(filter, Dimension::outcome), ElementsAre(Pair("success", 1), Pair("timeout", 1)));
  EXPECT_THAT(values(filter, Dimension::status), ElementsAre(Pair("2xx", 1)));
}

TEST_P(Facets, AreBoundedInNumber) {
  for (int i = 0; i < 60; ++i)
    keep(line_of({.at = 3, .model = "model" + std::to_string(i)}));
  commit();
  EXPECT_EQ(values({}, Dimension::model).size(), facet_values_max);
}

TEST_P(Facets, EndWhenTheTimeIsUp) {
  const auto facets = count_facets(*reader, {}, storage::now() - seconds(1));
  ASSERT_TRUE(facets) << facets.error().message;
  for (const auto& facet : *facets)
    EXPECT_FALSE(facet.complete);
  EXPECT_EQ(stored(), 4);
}

TEST_P(Facets, VolumeIsInBucketsOfTime) {
  const Filter filter{.from = microseconds_at(0), .to = microseconds_at(10)};
  auto volume = count_volume(*reader, filter, 5, deadline::WallTime());
  ASSERT_TRUE(volume) << volume.error().message;
  EXPECT_EQ(volume->width, 2'000'000);
  ASSERT_EQ(volume->buckets.size(), 5U);
  EXPECT_THAT(volume->buckets[0], ElementsAre(Pair("success", 1), Pair("timeout", 1)));
  EXPECT_THAT(volume->buckets[1], ElementsAre(Pair("success", 1)));
  EXPECT_THAT(volume->buckets[2], IsEmpty());
  EXPECT_THAT(volume->buckets[4], ElementsAre(Pair("refused", 1)));
  volume = count_volume(*reader, {}, 10, storage::from_microseconds(microseconds_at(10)));
  ASSERT_TRUE(volume);
  EXPECT_EQ(volume->from, microseconds_at(0));
  EXPECT_THAT(volume->buckets[9], ElementsAre(Pair("refused", 1)));
}

}  // namespace
}  // namespace punctual::requestlog
