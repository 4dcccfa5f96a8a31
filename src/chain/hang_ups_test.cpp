#include "chain/hang_ups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace punctual::chain {
namespace {

using ::testing::IsEmpty;

deadline::WallTime at(int second) {
  return deadline::WallTime(std::chrono::seconds(second));
}

// `count` of them, evenly between the two durations.
std::vector<HangUp> spread(std::size_t count, double least, double most, bool stream = false) {
  std::vector<HangUp> hang_ups;
  hang_ups.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double place = count == 1 ? 0 : static_cast<double>(i) / static_cast<double>(count - 1);
    hang_ups.push_back(
        {.stream = stream, .seconds = least + place * (most - least), .began = at(static_cast<int>(i))});
  }
  return hang_ups;
}

std::vector<HangUp> together(std::vector<HangUp> one, const std::vector<HangUp>& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

TEST(HangUpClusters, AreAtLeastTwentyWithinOnePercent) {
  EXPECT_THAT(clusters_of({}), IsEmpty());
  EXPECT_THAT(clusters_of(spread(19, 59.5, 60.5)), IsEmpty());
  const auto found = clusters_of(spread(20, 59.5, 60.5));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].count, 20U);
  EXPECT_NEAR(found[0].seconds, 60, 0.1);
  EXPECT_EQ(found[0].least_seconds, 59.5);
  EXPECT_EQ(found[0].most_seconds, 60.5);
  EXPECT_EQ(found[0].from, at(0));
  EXPECT_EQ(found[0].to, at(19));
  EXPECT_THAT(clusters_of(spread(20, 59, 61)), IsEmpty()) << "1.7 % to each side";
}

TEST(HangUpClusters, OfShortTimesMayBeTenMillisecondsApart) {
  EXPECT_EQ(clusters_of(spread(20, 0.49, 0.509)).size(), 1U);
  EXPECT_THAT(clusters_of(spread(20, 0.48, 0.52)), IsEmpty());
}

TEST(HangUpClusters, AreNotWherePeopleStopAtAnyTime) {
  std::mt19937_64 random(1);  // NOLINT: the same each time
  std::exponential_distribution<double> impatience(1.0 / 8);
  std::vector<HangUp> people;
  people.reserve(8000);
  for (int i = 0; i < 8000; ++i)
    people.push_back({.seconds = 0.5 + impatience(random), .began = at(i)});
  EXPECT_THAT(clusters_of(people), IsEmpty());
  const auto found = clusters_of(together(people, spread(100, 59.95, 60.05)));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].seconds, 60, 0.1);
  EXPECT_NEAR(static_cast<double>(found[0].count), 100, 5);
}

TEST(HangUpClusters, AreOfOneEndpointAndForm) {
  EXPECT_THAT(clusters_of(together(spread(15, 60, 60.1), spread(15, 60, 60.1, true))), IsEmpty());
  const auto found = clusters_of(together(spread(30, 60, 60.1), spread(40, 30, 30.1, true)));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].stream) << "the larger first";
  EXPECT_EQ(found[1].count, 30U);
  auto embeddings = spread(25, 5, 5.01);
  for (auto& one : embeddings)
    one.endpoint = config::Endpoint::embeddings;
  EXPECT_EQ(clusters_of(embeddings)[0].endpoint, config::Endpoint::embeddings);
}

TEST(HangUpClusters, AreFewOfOneForm) {
  std::vector<HangUp> many;
  for (int i = 1; i <= 7; ++i)
    many = together(many, spread(20U + static_cast<std::size_t>(i), 10.0 * i, 10.0 * i + 0.01));
  const auto found = clusters_of(many);
  ASSERT_EQ(found.size(), clusters_max);
  EXPECT_EQ(found[0].count, 27U);
  EXPECT_NEAR(found[0].seconds, 70, 0.02);
}

}  // namespace
}  // namespace punctual::chain
