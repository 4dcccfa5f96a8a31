#include "pool/choice.hpp"

#include <gtest/gtest.h>

namespace punctual::pool {
namespace {

using std::chrono::seconds;

deadline::Instant at(int second) {
  return deadline::Instant{} + seconds(second);
}

std::vector<std::size_t> leaving(const std::vector<Resident>& residents, Need need) {
  return who_leaves(residents, need, at(1000)).value_or(std::vector<std::size_t>{99});
}

TEST(WhoLeaves, NobodyWhereThereIsRoom) {
  EXPECT_EQ(leaving({{.bytes = 4}}, {.bytes = 6, .limit = 10}), std::vector<std::size_t>{});
}

TEST(WhoLeaves, TheLeastRecentlyUsedAndNoMoreThanNeeded) {
  const std::vector<Resident> all = {{.bytes = 3, .last_used = at(30)},
                                     {.bytes = 3, .last_used = at(10)},
                                     {.bytes = 3, .last_used = at(20)}};
  EXPECT_EQ(leaving(all, {.bytes = 4, .limit = 10}), (std::vector<std::size_t>{1}));
  EXPECT_EQ(leaving(all, {.bytes = 7, .limit = 10}), (std::vector<std::size_t>{1, 2}));
}

TEST(WhoLeaves, NeverOneThatIsPinnedOrBusyOrHasJustCome) {
  EXPECT_EQ(leaving({{.bytes = 8, .pinned = true}}, {.bytes = 4, .limit = 10}),
            (std::vector<std::size_t>{99}));
  EXPECT_EQ(leaving({{.bytes = 8, .busy = true}}, {.bytes = 4, .limit = 10}), (std::vector<std::size_t>{99}));
  const std::vector<Resident> young = {{.bytes = 8, .ready_since = at(995)}};
  EXPECT_EQ(leaving(young, {.bytes = 4, .limit = 10, .residence_min = seconds(10)}),
            (std::vector<std::size_t>{99}));
  EXPECT_EQ(leaving(young, {.bytes = 4, .limit = 10, .residence_min = seconds(5)}),
            (std::vector<std::size_t>{0}));
}

TEST(WhoLeaves, AllWhoMayWhereALimitWasLoweredBelowWhatStays) {
  const std::vector<Resident> all = {{.bytes = 8, .pinned = true}, {.bytes = 2}, {.bytes = 2, .busy = true}};
  EXPECT_EQ(leaving(all, {.limit = 4}), (std::vector<std::size_t>{99}));
  EXPECT_EQ(leaving(all, {.limit = 4, .even_if_not_enough = true}), (std::vector<std::size_t>{1}));
}

TEST(WhoLeaves, NobodyElseWhereEnoughLeavesAnyway) {
  const std::vector<Resident> all = {{.bytes = 8, .leaving = true}, {.bytes = 2}};
  EXPECT_EQ(leaving(all, {.bytes = 8, .limit = 10}), std::vector<std::size_t>{});
}

}  // namespace
}  // namespace punctual::pool
