#include <gtest/gtest.h>

#include "requestlog/recorder.hpp"
#include "requestlog/requestlog_testing.hpp"

namespace punctual::requestlog {
namespace {

// A recorder whose database has no room, or is somebody else's for a while.
class RecordersInTrouble : public RequestLogTest {
 protected:
  void SetUp() override {
    BothDatabases::SetUp();
    if (IsSkipped()) return;
    auto options = database->options();
    options.write_limit = milliseconds(100);
    store = open_store(options);
    ASSERT_TRUE(store);
    reader = std::move(*store->reader());
  }
  void command(const std::string& sql) {
    const auto done = store->write(
        [&](storage::Connection& connection) -> storage::Outcome {
          const auto rows = connection.execute(sql);
          if (!rows) return std::unexpected(rows.error());
          return {};
        },
        clock.now() + seconds(20));
    ASSERT_TRUE(done) << done.error().message;
  }

  deadline::SystemClock clock;
};

INSTANTIATE_TEST_SUITE_P(, RecordersInTrouble, storage::both_dialects, storage::dialect_name);

TEST_P(RecordersInTrouble, WaitWhileTheDatabaseIsLocked) {
  Recorder recorder(*store, clock);
  const auto other = database->session();
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->begin());
  const bool sqlite = GetParam() == storage::Dialect::sqlite;
  ASSERT_TRUE(other->execute(sqlite ? "INSERT INTO meta (name, value) VALUES ('lock', '')"
                                    : "LOCK TABLE requests IN EXCLUSIVE MODE"));
  recorder.write(line_of({.id = "a"}) + line_of({.id = "b"}));
  ASSERT_TRUE(storage::eventually([&] { return recorder.numbers().retries >= 2; }));
  EXPECT_EQ(recorder.numbers().stored, 0U);
  ASSERT_TRUE(other->rollback());
  EXPECT_TRUE(recorder.flush(clock.now() + seconds(30)));
  EXPECT_EQ(stored(), 2);
  EXPECT_EQ(recorder.numbers().lost, (std::array<std::uint64_t, loss_count>{}));
}

TEST_P(RecordersInTrouble, WaitWhileTheDatabaseIsFull) {
  if (GetParam() == storage::Dialect::postgresql) GTEST_SKIP() << "only SQLite has a limit that can be set";
  const auto pages = number("PRAGMA page_count");
  command("PRAGMA max_page_count = " + std::to_string(pages));
  const auto line = line_of({.id = "a"});
  Recorder recorder(*store, clock, {.queued_bytes_max = 1000 * line.size()});
  std::string lines;
  for (int i = 0; i < 500; ++i)
    lines += line;
  EXPECT_TRUE(recorder.write(lines));
  ASSERT_TRUE(storage::eventually([&] { return recorder.numbers().retries >= 2; }));
  EXPECT_EQ(stored(), 0);
  // What waits is bounded, and what does not fit is counted.
  EXPECT_TRUE(recorder.write(lines));
  EXPECT_FALSE(recorder.write(lines));
  EXPECT_EQ(recorder.numbers().lost[static_cast<std::size_t>(Loss::queue_full)], 500U);
  command("PRAGMA max_page_count = 1000000");
  EXPECT_TRUE(recorder.flush(clock.now() + seconds(30)));
  EXPECT_EQ(stored(), 1000);
}

}  // namespace
}  // namespace punctual::requestlog
