#include "targets/book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "targets/exposition.hpp"
#include "targets/retry_budget.hpp"

namespace punctual::targets {
namespace {

using namespace std::chrono_literals;

TEST(Book, HasOneTargetForEachModelOfAProvider) {
  Book book([](auto work) { work(); });
  Seen one(book);
  Seen other(book);
  auto& target = one("openai", "gpt-5");
  EXPECT_EQ(&target, &other("openai", "gpt-5"));
  EXPECT_NE(&target, &one("openai", "gpt-4"));
  EXPECT_NE(&target, &one("azure", "gpt-5"));
  EXPECT_EQ(book.all().size(), 3U);
  EXPECT_EQ(book.known("openai", "gpt-5").get(), &target);
  EXPECT_EQ(book.known("openai", "nothing"), nullptr);
  EXPECT_EQ(book.known("nobody", "gpt-5"), nullptr);
}

TEST(Book, DoesNotGrowWithTheNamesThatClientsMakeUp) {
  Book book([](auto work) { work(); });
  Seen seen(book);
  for (int i = 0; i < 5000; ++i)
    seen("openai", "made-up-" + std::to_string(i));
  EXPECT_EQ(book.all().size(), Book::targets_max + 1);
  EXPECT_EQ(seen("openai", "another").model, Book::others);
}

TEST(Book, TellsPrometheusTheSumsOfEachProvider) {
  const deadline::ManualClock clock;
  Book book([](auto work) { work(); });
  book.find("openai", "a")->calls = 3;
  book.find("openai", "b")->calls = 4;
  book.find("azure", "c")->breaker.hold(Hold::open);
  const auto text = prometheus_text(book, clock.now());
  EXPECT_THAT(text, testing::HasSubstr("# TYPE punctual_target_calls_total counter\n"
                                       "punctual_target_calls_total{provider=\"azure\"} 0\n"
                                       "punctual_target_calls_total{provider=\"openai\"} 7\n"));
  EXPECT_THAT(text, testing::HasSubstr("punctual_target_breakers_open{provider=\"azure\"} 1\n"));
}

TEST(Target, IsPausedUntilThen) {
  const deadline::ManualClock clock;
  Target target("openai", "gpt-5", [](auto work) { work(); });
  EXPECT_FALSE(target.paused(clock.now()));
  target.pause_until(clock.now() + 1s);
  EXPECT_TRUE(target.paused(clock.now()));
  EXPECT_FALSE(target.paused(clock.now() + 1s));
}

TEST(RetryBudget, IsAShareOfTheTraffic) {
  const deadline::ManualClock clock;
  const config::Retries settings{.share = 0.2, .per_second = 0};
  RetryBudget budget;
  while (budget.take(clock.now(), settings)) {
  }
  int retries = 0;
  for (int i = 0; i < 1000; ++i) {
    budget.note_request(clock.now(), settings);
    retries += budget.take(clock.now(), settings) ? 1 : 0;
  }
  EXPECT_NEAR(retries, 200, 1);
}

TEST(RetryBudget, GivesSomeEachSecond) {
  deadline::ManualClock clock;
  const config::Retries settings{.share = 0, .per_second = 2};
  RetryBudget budget;
  while (budget.take(clock.now(), settings)) {
  }
  clock.advance(1s);
  EXPECT_TRUE(budget.take(clock.now(), settings));
  EXPECT_TRUE(budget.take(clock.now(), settings));
  EXPECT_FALSE(budget.take(clock.now(), settings));
  clock.advance(1h);
  int kept = 0;
  while (budget.take(clock.now(), settings))
    ++kept;
  EXPECT_EQ(kept, 20);
}

}  // namespace
}  // namespace punctual::targets
