#include "base/task.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/signals.hpp"

namespace punctual::base {
namespace {

Task<int> constant(int value) {
  co_return value;
}

Task<std::int64_t> sum_of(int count) {
  std::int64_t sum = 0;
  for (int i = 0; i < count; ++i) {
    const int value = co_await constant(1);
    sum += value;
  }
  co_return sum;
}

Task<> store(Task<std::int64_t> task, std::int64_t& result) {
  const auto value = co_await std::move(task);
  result = value;
}

// A hundred thousand frames: with a stack frame for each, the stack of a thread would be gone.
Task<std::int64_t> depth(int levels) {
  if (levels == 0) co_return 0;
  const auto below = co_await depth(levels - 1);
  co_return below + 1;
}

Task<std::int64_t> depth_to(Signals& bottom, int levels) {
  if (levels == 0) {
    co_await bottom.wait(1);
    co_return 0;
  }
  const auto below = co_await depth_to(bottom, levels - 1);
  co_return below + 1;
}

constexpr int levels_deep = 100'000;
constexpr int awaits_many = 1'000'000;

TEST(Task, ManyAwaitsInARowUseConstantStack) {
  std::int64_t result = 0;
  spawn(store(sum_of(awaits_many), result));
  EXPECT_EQ(result, awaits_many);
}

TEST(Task, DeepChainUsesConstantStack) {
  std::int64_t result = 0;
  spawn(store(depth(levels_deep), result));
  EXPECT_EQ(result, levels_deep);
}

TEST(Task, DeepChainThatWaitsAtItsBottomUnwindsWithConstantStack) {
  ReadyQueue queue;
  Signals bottom(queue);
  std::int64_t result = -1;
  spawn(store(depth_to(bottom, levels_deep), result));
  EXPECT_EQ(result, -1);
  bottom.raise(1);
  queue.run();
  EXPECT_EQ(result, levels_deep);
}

Task<std::unique_ptr<std::string>> boxed(std::string text) {
  co_return std::make_unique<std::string>(std::move(text));
}

Task<> open_box(std::string& result) {
  const auto box = co_await boxed("a text too long for the small buffer of a string");
  result = *box;
}

TEST(Task, CarriesMoveOnlyValues) {
  std::string result;
  spawn(open_box(result));
  EXPECT_EQ(result, "a text too long for the small buffer of a string");
}

struct Unassignable {
  explicit Unassignable(int with) : value(with) {}
  Unassignable(Unassignable&&) = default;
  Unassignable& operator=(Unassignable&&) = delete;
  const int value;
};

Task<Unassignable> unassignable() {
  co_return Unassignable(7);
}

Task<> read_unassignable(int& result) {
  const auto value = co_await unassignable();
  result = value.value;
}

TEST(Task, ValueNeedsNoDefaultAndNoAssignment) {
  int result = 0;
  spawn(read_unassignable(result));
  EXPECT_EQ(result, 7);
}

Task<> hold(std::shared_ptr<int> held, bool& ran) {
  ran = true;
  *held = 1;
  co_return;
}

TEST(Task, DroppedBeforeItRanFreesWhatItHolds) {
  bool ran = false;
  const auto held = std::make_shared<int>(0);
  {
    const auto task = hold(held, ran);
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(ran);
}

TEST(Task, AssignedOverFreesWhatWasThere) {
  bool ran = false;
  const auto first = std::make_shared<int>(0);
  const auto second = std::make_shared<int>(0);
  {
    auto task = hold(first, ran);
    task = hold(second, ran);
    auto moved = std::move(task);
    spawn(std::move(moved));
  }
  EXPECT_EQ(first.use_count(), 1);
  EXPECT_EQ(*first, 0);
  EXPECT_EQ(second.use_count(), 1);
  EXPECT_EQ(*second, 1);
}

TEST(Task, SpawnedRunsAtOnceUntilItFirstWaitsAndFreesItself) {
  ReadyQueue queue;
  Signals signals(queue);
  const auto held = std::make_shared<int>(0);
  std::vector<int> order;
  struct Steps {
    static Task<> run(Signals& signals, std::shared_ptr<int> kept, std::vector<int>& order) {
      order.push_back(1);
      co_await signals.wait(1);
      order.push_back(2);
      *kept = 3;
    }
  };
  spawn(Steps::run(signals, held, order));
  EXPECT_EQ(order, (std::vector{1}));
  EXPECT_EQ(held.use_count(), 2);
  signals.raise(1);
  queue.run();
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 3);
}

}  // namespace
}  // namespace punctual::base
