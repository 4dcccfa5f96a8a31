#include "requestlog/handover.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace punctual::requestlog {
namespace {

TEST(Handovers, KeepTheOrder) {
  Handover<int> handover;
  EXPECT_TRUE(handover.push(1));
  EXPECT_FALSE(handover.push(2));
  handover.push(3);
  EXPECT_EQ(handover.take(), (std::vector{1, 2, 3}));
  EXPECT_TRUE(handover.take().empty());
  EXPECT_TRUE(handover.push(4));
}

TEST(Handovers, LoseNothingBetweenThreads) {
  constexpr int threads = 4;
  constexpr int values = 5'000;
  Handover<std::pair<int, int>> handover;
  std::vector<std::jthread> pushing;
  for (int thread = 0; thread < threads; ++thread)
    pushing.emplace_back([&handover, thread] {
      for (int value = 0; value < values; ++value)
        handover.push({thread, value});
    });
  std::vector<int> next(threads, 0);
  for (int count = 0; count < threads * values;) {
    for (const auto& [thread, value] : handover.take()) {
      ASSERT_EQ(value, next[static_cast<std::size_t>(thread)]++);
      ++count;
    }
  }
}

}  // namespace
}  // namespace punctual::requestlog
