#include "requestlog/recorder.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "requestlog/listing.hpp"
#include "requestlog/requestlog_testing.hpp"

namespace punctual::requestlog {
namespace {

class Recorders : public RequestLogTest {
 protected:
  deadline::Instant soon() const { return clock.now() + seconds(30); }
  static std::uint64_t lost(const Recorder& recorder, Loss loss) {
    return recorder.numbers().lost[static_cast<std::size_t>(loss)];
  }

  deadline::SystemClock clock;
};

INSTANTIATE_TEST_SUITE_P(, Recorders, storage::both_dialects, storage::dialect_name);

TEST_P(Recorders, StoreWhatIsWritten) {
  Recorder recorder(*store, clock);
  EXPECT_TRUE(recorder.enabled());
  EXPECT_EQ(recorder.sequence(), 0U);
  const auto first = line_of({.at = 1, .id = "a"});
  EXPECT_TRUE(recorder.write(first + line_of({.at = 2, .id = "b"})));
  EXPECT_TRUE(recorder.flush(soon()));
  EXPECT_EQ(stored(), 2);
  EXPECT_EQ(recorder.sequence(), 1U);
  EXPECT_EQ(recorder.numbers().stored, 2U);
  EXPECT_EQ(recorder.numbers().queued_bytes, 0U);
  EXPECT_EQ(recorder.numbers().stored_bytes,
            static_cast<std::uint64_t>(number("SELECT SUM(bytes) FROM requests")));
  const auto detail = find_by_request_id(*reader, "a");
  ASSERT_TRUE(detail && *detail);
  EXPECT_EQ((*detail)->document + "\n", first);
}

TEST_P(Recorders, StoreWithoutBeingAsked) {
  Recorder recorder(*store, clock);
  recorder.write(line_of({}));
  EXPECT_TRUE(storage::eventually([&] { return recorder.sequence() == 1; }));
}

TEST_P(Recorders, KeepTheOrderOfACoreOverManyBatches) {
  Recorder recorder(*store, clock, {.rows_per_batch = 7});
  std::vector<std::jthread> cores;
  for (int core = 0; core < 3; ++core)
    cores.emplace_back([&recorder, core] {
      for (int i = 0; i < 100; ++i)
        recorder.write(line_of({.at = i + 0.0, .id = std::to_string(core)}));
    });
  cores.clear();
  ASSERT_TRUE(recorder.flush(soon()));
  for (const auto* core : {"0", "1", "2"}) {
    const auto rows = reader->execute("SELECT started FROM requests WHERE request_id = $1 ORDER BY id",
                                      {std::string(core)});
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 100U);
    for (std::size_t i = 0; i < 100; ++i)
      ASSERT_EQ((*rows)[i].integer(0), microseconds_at(static_cast<double>(i)));
  }
}

TEST_P(Recorders, LoseAnUnreadableLineAlone) {
  Recorder recorder(*store, clock);
  recorder.write(line_of({.id = "a"}) + "{\"time\":\n\n" + line_of({.id = "b"}) + "no end");
  EXPECT_TRUE(recorder.flush(soon()));
  EXPECT_EQ(stored(), 2);
  EXPECT_EQ(lost(recorder, Loss::unreadable), 2U);
  EXPECT_EQ(recorder.numbers().queued_bytes, 0U);
}

// A row that the database refuses does not take its neighbours with it.
TEST_P(Recorders, LoseARefusedRowAlone) {
  const auto made = store->write([](storage::Connection& connection) -> storage::Outcome {
    const auto done = connection.execute("CREATE UNIQUE INDEX one_of_each ON requests (request_id)");
    if (!done) return std::unexpected(done.error());
    return {};
  });
  ASSERT_TRUE(made) << made.error().message;
  Recorder recorder(*store, clock);
  std::string lines;
  for (int i = 0; i < 100; ++i)
    lines += line_of({.id = i == 41 || i == 77 ? "0" : std::to_string(i)});
  recorder.write(lines);
  EXPECT_TRUE(recorder.flush(soon()));
  EXPECT_EQ(stored(), 98);
  EXPECT_EQ(lost(recorder, Loss::refused), 2U);
  EXPECT_EQ(recorder.numbers().queued_bytes, 0U);
}

TEST_P(Recorders, DropTheNewestWhenTheQueueIsFull) {
  storage::Gate gate;
  ASSERT_TRUE(store->enqueue(
      [&](storage::Connection&) -> storage::Outcome {
        gate.pass();
        return {};
      },
      [](const storage::Outcome&) {}));
  gate.wait_arrival();
  const auto line = line_of({.id = "a"});
  Recorder recorder(*store, clock, {.queued_bytes_max = 10 * line.size()});
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(recorder.write(line));
  EXPECT_FALSE(recorder.write(line + line));
  EXPECT_EQ(lost(recorder, Loss::queue_full), 2U);
  EXPECT_FALSE(recorder.flush(clock.now() + milliseconds(20)));
  gate.open();
  EXPECT_TRUE(recorder.flush(soon()));
  EXPECT_EQ(stored(), 10);
  EXPECT_TRUE(recorder.write(line));
}

TEST_P(Recorders, StoreAtTheirEnd) {
  {
    Recorder recorder(*store, clock, {.gathered_for = hours(1)});
    recorder.write(line_of({}));
  }
  EXPECT_EQ(stored(), 1);
}

TEST_P(Recorders, CountWhatTheyHadToLeaveAtTheirEnd) {
  storage::Gate gate;
  ASSERT_TRUE(store->enqueue(
      [&](storage::Connection&) -> storage::Outcome {
        gate.pass();
        return {};
      },
      [](const storage::Outcome&) {}));
  gate.wait_arrival();
  Recorder recorder(*store, clock, {.rows_per_batch = 2});
  recorder.write(line_of({}) + line_of({}) + line_of({}));
  EXPECT_FALSE(recorder.stop(clock.now() + milliseconds(20)));
  EXPECT_EQ(lost(recorder, Loss::stopped), 3U);
  EXPECT_FALSE(recorder.write(line_of({})));
  EXPECT_EQ(lost(recorder, Loss::stopped), 4U);
  gate.open();
}

// A batch of which nobody knows whether it was committed is looked for.
TEST_P(Recorders, DoNotStoreABatchTwice) {
  keep(line_of({.id = "a"}));
  keep(line_of({.id = "b"}));
  batch.perhaps_stored = true;
  auto copy = batch;
  commit();
  EXPECT_EQ(stored(), 2);
  batch = std::move(copy);
  commit();
  EXPECT_EQ(stored(), 2);
}

class Lines final : public audit::Journal {
 public:
  Lines() : Journal(-1) {}
  bool write(std::string lines) override {
    text += lines;
    return true;
  }
  bool enabled() const override { return true; }
  std::string text;
};

TEST_P(Recorders, GiveTheLinesToAnotherJournalToo) {
  Lines file;
  Recorder recorder(*store, clock, {.also = &file});
  const auto line = line_of({});
  recorder.write(line);
  recorder.write(line);
  EXPECT_EQ(file.text, line + line);
  EXPECT_TRUE(recorder.flush(soon()));
  EXPECT_EQ(stored(), 2);
}

TEST_P(Recorders, StoreContentsWithTheirRequest) {
  Recorder recorder(*store, clock);
  EXPECT_TRUE(recorder.write_contents({"a", "write to me@example.com", "done"}));
  EXPECT_TRUE(recorder.write_contents({"never", "x", "y"}));
  recorder.write(line_of({.id = "a"}) + line_of({.id = "b"}));
  EXPECT_TRUE(recorder.flush(soon()));
  auto detail = find_by_request_id(*reader, "a");
  ASSERT_TRUE(detail && *detail);
  EXPECT_EQ((*detail)->prompt, "write to [redacted:email]");
  EXPECT_EQ((*detail)->answer, "done");
  detail = find_by_request_id(*reader, "b");
  ASSERT_TRUE(detail && *detail);
  EXPECT_EQ((*detail)->prompt, std::nullopt);
  EXPECT_EQ(recorder.numbers().contents_lost, 0U);
}

TEST_P(Recorders, BoundContentsWhoseRequestNeverComes) {
  Recorder recorder(*store, clock, {.contents_bytes_max = 1000});
  for (int i = 0; i < 100; ++i) {
    recorder.write_contents({std::to_string(i), std::string(200, 'x'), ""});
    if (i % 3 == 0) EXPECT_TRUE(recorder.flush(soon()));
  }
  EXPECT_GT(recorder.numbers().contents_lost, 90U);
}

}  // namespace
}  // namespace punctual::requestlog
