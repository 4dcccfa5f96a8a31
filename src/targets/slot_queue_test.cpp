#include "targets/slot_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "net/loop.hpp"

namespace punctual::targets {
namespace {

using namespace std::chrono_literals;
using State = Waiter::State;

// One thread: what is posted runs at once.
class SlotQueueTest : public testing::Test {
 protected:
  std::shared_ptr<Waiter> join(deadline::Duration within, deadline::Duration needs = 0s,
                               std::uint64_t client = 0) {
    return queue->join({limits, clock.now() + within, needs, client}, clock.now(), [this] { ++woken; });
  }
  std::shared_ptr<Waiter> join_of(std::uint64_t client, deadline::Duration within) {
    return join(within, 0s, client);
  }
  SlotQueue::Lease lease() { return {queue, clock}; }
  // Makes `held` the usual time.
  void hold_for(deadline::Duration held) {
    ASSERT_TRUE(queue->try_take(limits));
    auto taken = lease();
    clock.advance(held);
  }

  deadline::ManualClock clock;
  std::shared_ptr<SlotQueue> queue = std::make_shared<SlotQueue>([](auto work) { work(); });
  SlotLimits limits{1, 3};
  int woken = 0;
};

TEST_F(SlotQueueTest, GivesSoManyAndNoMore) {
  limits.slots = 2;
  ASSERT_TRUE(queue->try_take(limits));
  const auto first = lease();
  {
    ASSERT_TRUE(queue->try_take(limits));
    const auto second = lease();
    EXPECT_FALSE(queue->try_take(limits));
    EXPECT_EQ(queue->taken(), 2U);
  }
  EXPECT_TRUE(queue->try_take(limits));
}

TEST_F(SlotQueueTest, WithoutALimitEverybodyIsServed) {
  limits.slots = 0;
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(queue->try_take(limits));
}

TEST_F(SlotQueueTest, ServesTheEarliestDeadlineFirst) {
  ASSERT_TRUE(queue->try_take(limits));
  auto held = lease();
  const auto late = join(30s);
  const auto early = join(10s);
  const auto middle = join(20s);
  EXPECT_EQ(early->place(), 0U);
  EXPECT_EQ(middle->place(), 1U);
  EXPECT_EQ(late->place(), 2U);
  held.end();
  EXPECT_EQ(early->state(), State::served);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(middle->place(), 0U);
  EXPECT_EQ(late->place(), 1U);
  lease().end();
  EXPECT_EQ(middle->state(), State::served);
  lease().end();
  EXPECT_EQ(late->state(), State::served);
  EXPECT_EQ(queue->waiting(), 0U);
}

TEST_F(SlotQueueTest, NobodyOvertakesThoseWhoWait) {
  ASSERT_TRUE(queue->try_take(limits));
  auto held = lease();
  const auto waits = join(10s);
  held.end();
  ASSERT_EQ(waits->state(), State::served);
  const auto next = join(10s);
  EXPECT_FALSE(queue->try_take(limits));
  EXPECT_EQ(next->state(), State::waiting);
}

TEST_F(SlotQueueTest, ClientsTakeTurns) {
  limits.waiting_max = 100;
  ASSERT_TRUE(queue->try_take(limits));
  std::vector<std::shared_ptr<Waiter>> many;
  for (int i = 0; i < 6; ++i)
    many.push_back(join_of(1, 10s + i * 1s));
  const auto one = join_of(2, 60s);
  const auto other = join_of(3, 70s);
  std::string order;
  for (auto held = lease(); order.size() < 8;) {
    held.end();
    const auto next = [&](const std::shared_ptr<Waiter>& waiter, char name) {
      if (waiter->state() == State::served && !order.contains(name)) order.push_back(name);
    };
    for (std::size_t i = 0; i < many.size(); ++i)
      next(many[i], static_cast<char>('a' + i));
    next(one, 'Y');
    next(other, 'Z');
    held = lease();
  }
  EXPECT_EQ(order, "aYZbcdef") << "the flood of one client costs the others one turn";
}

TEST_F(SlotQueueTest, WhoHasHadATurnComesAfterThoseWhoHaveNot) {
  ASSERT_TRUE(queue->try_take(limits));
  auto held = lease();
  const auto first = join_of(1, 10s);
  const auto other = join_of(2, 90s);
  held.end();
  ASSERT_EQ(first->state(), State::served);
  auto taken = lease();
  const auto again = join_of(1, 5s);
  taken.end();
  EXPECT_EQ(other->state(), State::served);
  EXPECT_EQ(again->state(), State::waiting);
}

TEST_F(SlotQueueTest, AFloodDoesNotKeepOthersOutOfAFullQueue) {
  ASSERT_TRUE(queue->try_take(limits));
  const auto held = lease();
  const auto first = join_of(1, 10s);
  const auto second = join_of(1, 20s);
  const auto third = join_of(1, 30s);
  EXPECT_EQ(join_of(1, 1s)->state(), State::full) << "not in place of one of its own";
  const auto other = join_of(2, 60s);
  EXPECT_EQ(other->state(), State::waiting);
  EXPECT_EQ(other->place(), 1U);
  EXPECT_EQ(third->state(), State::full);
  EXPECT_EQ(second->state(), State::waiting);
  EXPECT_EQ(queue->waiting(), 3U);
  EXPECT_EQ(join_of(3, 60s)->state(), State::waiting);
  EXPECT_EQ(second->state(), State::full);
  EXPECT_EQ(join_of(4, 90s)->state(), State::full) << "all have one";
  EXPECT_EQ(first->state(), State::waiting);
}

TEST_F(SlotQueueTest, IsBounded) {
  ASSERT_TRUE(queue->try_take(limits));
  std::vector<std::shared_ptr<Waiter>> waiters;
  for (int i = 0; i < 3; ++i)
    waiters.push_back(join(10s));
  EXPECT_EQ(join(10s)->state(), State::full);
  EXPECT_EQ(queue->waiting(), 3U);
}

TEST_F(SlotQueueTest, RefusesWhatCannotBeInTime) {
  hold_for(4s);
  ASSERT_TRUE(queue->try_take(limits));
  EXPECT_EQ(join(10s)->state(), State::waiting);
  const auto refused = join(10s, 3s);
  EXPECT_EQ(refused->state(), State::too_late);  // 8 s of waiting and 3 of its own
  EXPECT_EQ(refused->forecast(), 8s);
  EXPECT_EQ(join(10s, 2s)->state(), State::waiting);
}

TEST_F(SlotQueueTest, WhoLeavesIsNeverServed) {
  ASSERT_TRUE(queue->try_take(limits));
  auto held = lease();
  const auto leaves = join(10s);
  const auto stays = join(20s);
  EXPECT_TRUE(queue->leave(leaves));
  EXPECT_EQ(queue->waiting(), 1U);
  held.end();
  EXPECT_EQ(leaves->state(), State::gone);
  EXPECT_EQ(stays->state(), State::served);
  EXPECT_FALSE(queue->leave(stays));
  lease().end();
  EXPECT_EQ(queue->taken(), 0U);
}

TEST_F(SlotQueueTest, WhoLeavesWhileItIsServedLosesNoSlot) {
  std::deque<std::move_only_function<void()>> posted;
  queue = std::make_shared<SlotQueue>([&](auto work) { posted.push_back(std::move(work)); });
  const auto run = [&] {
    while (!posted.empty()) {
      auto work = std::move(posted.front());
      posted.pop_front();
      work();
    }
  };
  ASSERT_TRUE(queue->try_take(limits));
  auto held = lease();
  const auto waiter = join(10s);
  run();
  EXPECT_TRUE(queue->leave(waiter));
  held.end();
  run();
  EXPECT_EQ(queue->taken(), 0U);
  EXPECT_EQ(queue->waiting(), 0U);
  EXPECT_EQ(woken, 0);
}

// Real threads and a real home: never more than the slots, and everybody is decided.
TEST(SlotQueueThreads, KeepTheBound) {
  const deadline::SystemClock clock;
  net::Loop home(clock);
  std::jthread home_thread([&home] { home.run(); });
  const auto queue = std::make_shared<SlotQueue>([&home](auto work) { home.post(std::move(work)); });
  constexpr SlotLimits limits{2, 1000};
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> served = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int j = 0; j < 500; ++j) {
          if (!queue->try_take(limits)) {
            std::atomic<bool> woken = false;
            const auto waiter = queue->join({limits, deadline::Instant::max(), {}, 0}, clock.now(), [&woken] {
              woken = true;
              woken.notify_one();
            });
            // Some change their minds.
            if ((i + j) % 7 == 0 && queue->leave(waiter)) {
              if (waiter->state() == State::gone) continue;
            }
            woken.wait(false);
            ASSERT_EQ(waiter->state(), State::served);
          }
          const SlotQueue::Lease lease(queue, clock);
          const int now = ++inside;
          for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
          }
          ++served;
          --inside;
        }
      });
    }
  }
  EXPECT_LE(most, 2);
  EXPECT_GT(served, 1000);
  std::atomic<bool> settled = false;
  home.post([&] {
    settled = true;
    settled.notify_one();
  });
  settled.wait(false);
  EXPECT_EQ(queue->taken(), 0U);
  EXPECT_EQ(queue->waiting(), 0U);
  home.stop();
}

}  // namespace
}  // namespace punctual::targets
