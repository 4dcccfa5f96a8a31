#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>

namespace punctual::net {
namespace {

Resolver::Answer one_address() {
  return std::vector{*literal_address("192.0.2.1", 0)};
}

TEST(Resolver, ResolvesTheLocalHost) {
  Resolver resolver;
  std::promise<Resolver::Answer> promise;
  resolver.resolve("localhost", [&](const Resolver::Answer& answer) { promise.set_value(answer); });
  const auto answer = promise.get_future().get();
  ASSERT_TRUE(answer) << answer.error();
  ASSERT_FALSE(answer->empty());
  const auto text = address_text(answer->front().storage);
  EXPECT_TRUE(text == "127.0.0.1:0" || text == "[::1]:0") << text;
}

TEST(Resolver, OneLookUpServesAllWhoAskMeanwhileAndAfterwards) {
  std::latch asked(1);
  std::latch answered(3);
  std::atomic<int> look_ups = 0;
  Resolver resolver([&](const std::string&) {
    ++look_ups;
    asked.wait();
    return one_address();
  });
  for (int i = 0; i < 3; ++i)
    resolver.resolve("one", [&](const Resolver::Answer&) { answered.count_down(); });
  asked.count_down();
  answered.wait();
  bool at_once = false;
  resolver.resolve("one", [&](const Resolver::Answer& answer) { at_once = answer.has_value(); });
  EXPECT_TRUE(at_once);
  EXPECT_EQ(look_ups, 1);
}

TEST(Resolver, FailuresAreNotKept) {
  std::atomic<int> look_ups = 0;
  Resolver resolver([&](const std::string&) -> Resolver::Answer {
    ++look_ups;
    return std::unexpected("no such name");
  });
  for (int i = 0; i < 2; ++i) {
    std::promise<Resolver::Answer> promise;
    resolver.resolve("none", [&](const Resolver::Answer& answer) { promise.set_value(answer); });
    EXPECT_EQ(promise.get_future().get().error(), "no such name");
  }
  EXPECT_EQ(look_ups, 2);
}

TEST(Resolver, SlowNameDoesNotHoldUpAnother) {
  std::latch release(1);
  Resolver resolver([&](const std::string& host) {
    if (host == "slow") release.wait();
    return one_address();
  });
  std::promise<void> slow;
  std::promise<void> quick;
  resolver.resolve("slow", [&](const Resolver::Answer&) { slow.set_value(); });
  resolver.resolve("quick", [&](const Resolver::Answer&) { quick.set_value(); });
  quick.get_future().get();
  release.count_down();
  slow.get_future().get();
}

TEST(Resolver, EndsWithoutWaitingForALookUpAndThenCallsNobody) {
  struct Shared {
    std::latch begun{1};
    std::latch release{1};
  };
  const auto shared = std::make_shared<Shared>();
  const auto guard = std::make_shared<int>();
  bool called = false;
  {
    Resolver resolver([shared](const std::string&) {
      shared->begun.count_down();
      shared->release.wait();
      return one_address();
    });
    resolver.resolve("slow", [&called, guard](const Resolver::Answer&) { called = true; });
    shared->begun.wait();
    EXPECT_EQ(guard.use_count(), 2);
  }
  EXPECT_EQ(guard.use_count(), 1);
  shared->release.count_down();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace punctual::net
