#include "storage/store.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "storage/database_testing.hpp"

namespace punctual::storage {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Stores : public BothDatabases {};
INSTANTIATE_TEST_SUITE_P(, Stores, both_dialects, dialect_name);

// Notifications as text, and whether one has come.
class Heard {
 public:
  Subscriber subscriber() {
    return [this](const Notification& notification) {
      const std::lock_guard lock(mutex_);
      if (notification.resync) {
        ++resyncs_;
      } else {
        texts_.push_back(notification.channel + ":" + notification.payload);
      }
    };
  }
  std::vector<std::string> texts() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }
  int resyncs() const {
    const std::lock_guard lock(mutex_);
    return resyncs_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
  int resyncs_ = 0;
};

Job tell(std::string payload) {
  return
      [payload = std::move(payload)](Connection& connection) { return connection.notify("test", payload); };
}

TEST_P(Stores, HaveWhatWasWrittenWhenTheyAreOpenedAgain) {
  {
    const auto store = open_store();
    ASSERT_TRUE(store->write(note("one")));
    EXPECT_EQ(store->dialect(), GetParam());
    EXPECT_TRUE(store->state().connected);
  }
  const auto store = open_store();
  EXPECT_THAT(noted(**store->reader()), ElementsAre("one"));
}

TEST_P(Stores, CommitSeveralJobsAtOnceAndFailOneAlone) {
  const auto store = open_store();
  ASSERT_TRUE(store->write(note("taken")));
  const auto before = store->state().commits;
  Gate gate;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  Error error;
  const auto count = [&](const Outcome& outcome) {
    if (!outcome) error = outcome.error();
    ++(outcome ? good : bad);
  };
  ASSERT_TRUE(store->enqueue(
      [&](Connection&) -> Outcome {
        gate.pass();
        return {};
      },
      count));
  gate.wait_arrival();
  for (const char* name : {"a", "b", "taken", "c"})
    ASSERT_TRUE(store->enqueue(note(name), count));
  EXPECT_EQ(store->state().jobs_queued, 4U);
  gate.open();
  ASSERT_TRUE(eventually([&] { return good + bad == 5; }));
  EXPECT_EQ(good, 4);
  EXPECT_EQ(error.kind, ErrorKind::constraint);
  EXPECT_EQ(error.constraint, "meta.name");
  EXPECT_EQ(store->state().commits, before + 2);
  EXPECT_THAT(noted(**store->reader()), ElementsAre("a", "b", "c", "taken"));
}

TEST_P(Stores, WriteFromManyThreads) {
  const auto store = open_store();
  std::atomic<int> written = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i) {
        const auto outcome = store->write(note(std::to_string(thread) + "/" + std::to_string(i)));
        if (outcome) ++written;
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(written, 200);
  EXPECT_EQ(noted(**store->reader()).size(), 200U);
  EXPECT_LE(store->state().commits, 200U);
}

TEST_P(Stores, UndoAJobThatHidesAnError) {
  const auto store = open_store();
  const auto outcome = store->write([](Connection& connection) -> Outcome {
    EXPECT_TRUE(note("x")(connection));
    EXPECT_FALSE(note("x")(connection));
    return {};
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::internal);
  EXPECT_THAT(noted(**store->reader()), IsEmpty());
}

TEST_P(Stores, InterruptAJobAtItsDeadlineAndSaveTheOthers) {
  const auto store = open_store();
  Gate gate;
  std::atomic<int> done = 0;
  std::atomic<int> late = 0;
  const auto count = [&](const Outcome& outcome) {
    if (!outcome && outcome.error().kind == ErrorKind::interrupted) ++late;
    ++done;
  };
  (void)store->enqueue(
      [&](Connection&) -> Outcome {
        gate.pass();
        return {};
      },
      count);
  gate.wait_arrival();
  ASSERT_TRUE(store->enqueue(note("before"), count));
  ASSERT_TRUE(store->enqueue(
      [](Connection& connection) -> Outcome {
        const auto made = connection.execute("INSERT INTO meta (name, value) VALUES ('late', 'x')");
        if (!made) return std::unexpected(made.error());
        const auto rows = connection.execute(std::string("INSERT INTO meta (name, value) ") +
                                             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) "
                                             "SELECT 'endless', 'x' FROM n WHERE i > 1");
        if (!rows) return std::unexpected(rows.error());
        return {};
      },
      count, now() + milliseconds(300)));
  ASSERT_TRUE(store->enqueue(note("after"), count));
  gate.open();
  ASSERT_TRUE(eventually([&] { return done == 4; }));
  EXPECT_EQ(late, 1);
  EXPECT_THAT(noted(**store->reader()), ElementsAre("after", "before"));
}

TEST_P(Stores, FailAWriteThatWaitsTooLong) {
  const auto store = open_store();
  Gate gate;
  (void)store->enqueue(
      [&](Connection&) -> Outcome {
        gate.pass();
        return {};
      },
      {});
  gate.wait_arrival();
  const auto outcome = store->write(note("late"), now() + milliseconds(20));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::interrupted);
  gate.open();
  ASSERT_TRUE(store->write(note("next")));
  EXPECT_THAT(noted(**store->reader()), ElementsAre("next"));
}

TEST_P(Stores, TakeNoMoreJobsThanTheQueueHolds) {
  auto options = database->options();
  options.jobs_queued_max = 2;
  const auto store = open_store(options);
  Gate gate;
  (void)store->enqueue(
      [&](Connection&) -> Outcome {
        gate.pass();
        return {};
      },
      {});
  gate.wait_arrival();
  EXPECT_TRUE(store->enqueue(note("a"), {}));
  EXPECT_TRUE(store->enqueue(note("b"), {}));
  EXPECT_FALSE(store->enqueue(note("c"), {}));
  const auto outcome = store->write(note("d"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::busy);
  gate.open();
  EXPECT_TRUE(eventually([&] { return noted(**store->reader()).size() == 2; }));
}

TEST_P(Stores, CommitWhatIsQueuedAtTheirEnd) {
  int done = 0;
  {
    const auto store = open_store();
    for (int i = 0; i < 100; ++i)
      ASSERT_TRUE(
          store->enqueue(note(std::to_string(i)), [&](const Outcome& outcome) { done += outcome ? 1 : 0; }));
  }
  EXPECT_EQ(done, 100);
  EXPECT_EQ(noted(**open_store()->reader()).size(), 100U);
}

TEST_P(Stores, ShowAReaderOneSnapshotWhileTheyAreWritten) {
  const auto store = open_store();
  ASSERT_TRUE(store->write(note("a")));
  const auto reader = store->reader();
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->begin());
  EXPECT_THAT(noted(**reader), ElementsAre("a"));
  ASSERT_TRUE(store->write(note("b")));
  EXPECT_THAT(noted(**reader), ElementsAre("a"));
  ASSERT_TRUE((*reader)->commit());
  EXPECT_THAT(noted(**reader), ElementsAre("a", "b"));
  const auto written = (*reader)->execute("DELETE FROM meta");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::refused);
}

TEST_P(Stores, TellSubscribersOfWhatIsCommittedAndOfNothingElse) {
  const auto store = open_store();
  Heard heard;
  auto subscription = store->subscribe(heard.subscriber());
  if (GetParam() == Dialect::postgresql) {
    ASSERT_TRUE(eventually([&] { return heard.resyncs() == 1; }));
  }
  ASSERT_TRUE(store->write(tell("one\ntwo")));
  EXPECT_FALSE(store->write([](Connection& connection) -> Outcome {
    EXPECT_TRUE(connection.notify("test", "never"));
    return std::unexpected(Error{ErrorKind::internal, "changed my mind", {}});
  }));
  ASSERT_TRUE(store->write(tell("")));
  ASSERT_TRUE(eventually([&] { return heard.texts().size() == 2; }));
  EXPECT_THAT(heard.texts(), ElementsAre("test:one\ntwo", "test:"));
  EXPECT_FALSE(store->write(tell(std::string(9000, 'x'))));
  subscription.reset();
  ASSERT_TRUE(store->write(tell("nobody hears")));
  EXPECT_EQ(heard.texts().size(), 2U);
}

TEST_P(Stores, DropOnlyTheNotificationsOfAFailedJob) {
  const auto store = open_store();
  ASSERT_TRUE(store->write(note("taken")));
  Heard heard;
  const auto subscription = store->subscribe(heard.subscriber());
  if (GetParam() == Dialect::postgresql) {
    ASSERT_TRUE(eventually([&] { return heard.resyncs() == 1; }));
  }
  Gate gate;
  (void)store->enqueue(
      [&](Connection&) -> Outcome {
        gate.pass();
        return {};
      },
      {});
  gate.wait_arrival();
  (void)store->enqueue(tell("a"), {});
  (void)store->enqueue(
      [](Connection& connection) -> Outcome {
        if (auto told = connection.notify("test", "b"); !told) return told;
        return note("taken")(connection);
      },
      {});
  (void)store->enqueue(tell("c"), {});
  gate.open();
  ASSERT_TRUE(eventually([&] { return heard.texts().size() == 2; }));
  EXPECT_THAT(heard.texts(), ElementsAre("test:a", "test:c"));
}

TEST_P(Stores, HearOfTheCommitsOfAnotherStore) {
  const auto store = open_store();
  const auto other = open_store();
  Heard heard;
  const auto subscription = store->subscribe(heard.subscriber());
  if (GetParam() == Dialect::postgresql) {
    ASSERT_TRUE(eventually([&] { return heard.resyncs() == 1; }));
    ASSERT_TRUE(other->write(tell("there")));
    ASSERT_TRUE(eventually([&] { return !heard.texts().empty(); }));
    EXPECT_THAT(heard.texts(), ElementsAre("test:there"));
  } else {
    ASSERT_TRUE(store->write(note("own")));  // its own are not those of another
    ASSERT_TRUE(other->write(note("there")));
    ASSERT_TRUE(eventually([&] { return heard.resyncs() == 1; }));
  }
}

TEST_P(Stores, GiveIdsInTheOrderOfCommits) {
  const auto first = open_store();
  const auto second = open_store();
  const Job append = [](Connection& connection) -> Outcome {
    if (auto ordered = order_appends(connection); !ordered) return ordered;
    const auto done =
        connection.execute("INSERT INTO changes (at, actor, action, subject) VALUES ($1, 'a', 'b', 'c')",
                           {to_microseconds(wall_now())});
    if (!done) return std::unexpected(done.error());
    return {};
  };
  std::atomic<bool> ended = false;
  std::vector<std::thread> writers;
  for (Store* store : {first.get(), second.get()}) {
    writers.emplace_back([&, store] {
      for (int i = 0; i < 50; ++i)
        EXPECT_TRUE(store->write(append));
    });
  }
  std::vector<std::int64_t> seen;
  std::thread tail([&] {
    const auto reader = first->reader();
    for (bool last = false; !last;) {
      last = ended;
      const auto rows = (*reader)->execute("SELECT id FROM changes WHERE id > $1 ORDER BY id",
                                           {seen.empty() ? 0 : seen.back()});
      ASSERT_TRUE(rows);
      for (const Row row : *rows)
        seen.push_back(row.integer(0));
    }
  });
  for (auto& writer : writers)
    writer.join();
  ended = true;
  tail.join();
  EXPECT_EQ(seen.size(), 100U);
}

TEST(StoreOptionsOf, RefuseALocationWithoutRepeatingIt) {
  for (const char* location :
       {"mysql://user:hunter2@host/db", "postgresql://user:hunter2@host:bad:port/db"}) {
    StoreOptions options;
    options.location = location;
    const auto store = Store::open(options);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind, ErrorKind::refused);
    EXPECT_THAT(store.error().message, ::testing::Not(HasSubstr("hunter2")));
  }
}

TEST(StoreOptionsOf, MaskThePasswordOfAServerThatIsNotThere) {
  StoreOptions options;
  options.location = "postgresql://user:hunter2@127.0.0.1:1/db";
  const auto store = Store::open(options);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(store.error().message, HasSubstr("postgresql://user:***@127.0.0.1:1/db"));
  EXPECT_THAT(store.error().message, ::testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace punctual::storage
