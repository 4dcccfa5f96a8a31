#include "requestlog/retention.hpp"

#include <gtest/gtest.h>

#include "requestlog/contents.hpp"
#include "requestlog/requestlog_testing.hpp"

namespace punctual::requestlog {
namespace {

// The clock of the tests stands at `epoch`.
class Retentions : public RequestLogTest {
 protected:
  void SetUp() override {
    RequestLogTest::SetUp();
    clock.advance_to(deadline::Instant(std::chrono::seconds(epoch)));
  }
  Deleted run(const RetentionPolicy& policy) {
    const auto deleted = retention().run(policy);
    EXPECT_TRUE(deleted) << deleted.error().message;
    return deleted.value_or(Deleted());
  }
  Retention& retention() {
    if (!kept_) kept_ = std::make_unique<Retention>(*store, clock, [this] { return stored_bytes; });
    return *kept_;
  }
  void TearDown() override {
    kept_.reset();
    RequestLogTest::TearDown();
  }

  deadline::ManualClock clock;
  std::uint64_t stored_bytes = 0;

 private:
  std::unique_ptr<Retention> kept_;
};

INSTANTIATE_TEST_SUITE_P(, Retentions, storage::both_dialects, storage::dialect_name);

TEST_P(Retentions, LeaveEverythingWithoutALimit) {
  keep_all({{.at = -1e6}, {.at = -1}});
  const auto deleted = run({});
  EXPECT_EQ(deleted.requests_by_age + deleted.requests_by_size, 0);
  EXPECT_EQ(deleted.bytes_kept, number("SELECT SUM(bytes) FROM requests"));
  EXPECT_EQ(stored(), 2);
}

TEST_P(Retentions, DeleteWhatIsTooOldToTheMicrosecond) {
  keep_all({{.at = -7200, .id = "old"},
            {.at = -3600.000'001, .id = "just"},
            {.at = -3600, .id = "limit"},
            {.at = 0}});
  const auto begun = number("SELECT MAX(started) FROM requests WHERE request_id = 'just'");
  // Lines tell milliseconds, so "just" is one too early.
  EXPECT_LT(begun, microseconds_at(-3600));
  const auto deleted = run({.age_max = hours(1)});
  EXPECT_EQ(deleted.requests_by_age, 2);
  EXPECT_EQ(deleted.newest, begun);
  EXPECT_EQ(deleted.oldest_kept, microseconds_at(-3600));
  EXPECT_EQ(stored(), 2);
}

TEST_P(Retentions, DeleteInBatchesUntilTheyAreDone) {
  for (int i = 0; i < 2'500; ++i)
    keep(line_of({.at = -10'000.0 + i}));
  keep(line_of({.at = -1}));
  commit();
  const auto deleted = run({.age_max = hours(1)});
  EXPECT_TRUE(deleted.finished);
  EXPECT_EQ(deleted.requests_by_age, 2'500);
  EXPECT_EQ(deleted.bytes_kept, number("SELECT SUM(bytes) FROM requests"));
  EXPECT_EQ(stored(), 1);
}

TEST_P(Retentions, DeleteTheOldestOnlyWhenItIsTooMuch) {
  for (int i = 0; i < 100; ++i)
    keep(line_of({.at = static_cast<double>((i * 37) % 100), .id = std::to_string((i * 37) % 100)}));
  commit();
  const auto bytes = number("SELECT SUM(bytes) FROM requests");
  const auto deleted = run({.bytes_max = bytes / 2});
  const auto left = number("SELECT SUM(bytes) FROM requests");
  EXPECT_LE(left, bytes / 2);
  EXPECT_GT(left, bytes / 2 - 2'000);  // and no more than had to go
  EXPECT_EQ(deleted.bytes_kept, left);
  EXPECT_EQ(deleted.bytes, bytes - left);
  EXPECT_EQ(deleted.requests_by_size, 100 - stored());
  EXPECT_EQ(deleted.newest, microseconds_at(static_cast<double>(deleted.requests_by_size - 1)));
  EXPECT_EQ(deleted.oldest_kept, microseconds_at(static_cast<double>(deleted.requests_by_size)));
  EXPECT_EQ(run({.bytes_max = bytes / 2}).requests_by_size, 0);
}

TEST_P(Retentions, FollowARunningTotalAndCountBeforeTheyDelete) {
  keep_all({{.at = 1}, {.at = 2}});
  const auto bytes = number("SELECT SUM(bytes) FROM requests");
  EXPECT_EQ(run({.bytes_max = bytes}).bytes_kept, bytes);
  // More is said to be stored than there is: it is counted, and nothing is deleted.
  stored_bytes = 1'000'000;
  EXPECT_EQ(run({.bytes_max = bytes}).requests_by_size, 0);
  keep_all({{.at = 3}});
  stored_bytes += 1;
  EXPECT_EQ(run({.bytes_max = bytes}).requests_by_size, 1);
  EXPECT_EQ(stored(), 2);
}

TEST_P(Retentions, LetContentsGoByTheirOwnAge) {
  keep_all({{.at = -100, .id = "a"}, {.at = -50, .id = "b"}});
  const auto outcome = store->write([](storage::Connection& connection) -> storage::Outcome {
    if (auto done = store_contents(connection, {"a", "p", "x"}, microseconds_at(-100)); !done) return done;
    return store_contents(connection, {"b", "p", "x"}, microseconds_at(-50));
  });
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(number("SELECT COUNT(*) FROM contents"), 2);
  auto deleted = run({.contents_age_max = seconds(60)});
  EXPECT_EQ(deleted.contents, 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM contents"), 1);
  EXPECT_EQ(stored(), 2);
  // And with their requests.
  deleted = run({.age_max = seconds(10)});
  EXPECT_EQ(deleted.requests_by_age, 2);
  EXPECT_EQ(number("SELECT COUNT(*) FROM contents"), 0);
}

}  // namespace
}  // namespace punctual::requestlog
