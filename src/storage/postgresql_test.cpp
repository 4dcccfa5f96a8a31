// What only a server can do: go away, hang, and come back.
#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "storage/database_testing.hpp"

namespace punctual::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::int64_t process_of(Connection& connection) {
  const auto row = connection.execute("SELECT pg_backend_pid()");
  return row ? row->front().integer(0) : 0;
}

void terminate(std::int64_t process) {
  FreshDatabase::administer("SELECT pg_terminate_backend(" + std::to_string(process) + ")");
}

// Stands still until its end. Not permitted, or on another machine: `stopped` is false.
class StoppedProcess {
 public:
  explicit StoppedProcess(std::int64_t process)
      : process_(static_cast<pid_t>(process)), stopped(process > 1 && ::kill(process_, SIGSTOP) == 0) {}
  StoppedProcess(const StoppedProcess&) = delete;
  StoppedProcess& operator=(const StoppedProcess&) = delete;
  ~StoppedProcess() { go_on(); }
  void go_on() {
    if (std::exchange(stopped, false)) ::kill(process_, SIGCONT);
  }

 private:
  pid_t process_;

 public:
  bool stopped;
};

// The server itself, out of a process of it: the fourth word of its line in /proc.
std::int64_t parent_of(std::int64_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream rest(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string state;
  std::int64_t parent = 0;
  rest >> state >> parent;
  return parent;
}

class PostgresqlServers : public testing::Test {
 protected:
  void SetUp() override {
    if (!FreshDatabase::server()) GTEST_SKIP() << "PUNCTUAL_TEST_POSTGRES does not name a server";
    database = std::make_unique<FreshDatabase>(Dialect::postgresql);
    store = open();
  }
  std::unique_ptr<Store> open() const {
    auto opened = Store::open(database->options());
    if (opened) return std::move(*opened);
    ADD_FAILURE() << opened.error().message;
    return nullptr;
  }
  std::int64_t writer() const {
    std::int64_t process = 0;
    EXPECT_TRUE(store->write([&](Connection& connection) -> Outcome {
      process = process_of(connection);
      return {};
    }));
    return process;
  }
  std::unique_ptr<FreshDatabase> database;
  std::unique_ptr<Store> store;
};

TEST_F(PostgresqlServers, ThatEndTheWritersConnectionFindItAgain) {
  const auto before = writer();
  terminate(before);
  ASSERT_TRUE(store->write(note("after")));
  EXPECT_NE(writer(), before);
  EXPECT_TRUE(store->state().connected);
  EXPECT_NE(store->state().last_error, "");
  EXPECT_EQ(store->state().backoff.count(), 0);
}

TEST_F(PostgresqlServers, ThatEndTheConnectionInAJobLetItRunAgain) {
  int runs = 0;
  const auto outcome = store->write([&](Connection& connection) -> Outcome {
    if (auto done = note("once")(connection); !done) return done;
    if (++runs == 1) terminate(process_of(connection));
    return note("twice")(connection);
  });
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(runs, 2);
  EXPECT_THAT(noted(**store->reader()), ElementsAre("once", "twice"));
}

TEST_F(PostgresqlServers, ThatEndTheConnectionBeforeTheCommitLeaveItOpen) {
  // The job is done; whether the COMMIT after it has arrived nobody can say.
  const auto outcome = store->write([&](Connection& connection) -> Outcome {
    if (auto done = note("perhaps")(connection); !done) return done;
    terminate(process_of(connection));
    return {};
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(outcome.error().message, HasSubstr("not known"));
  ASSERT_TRUE(store->write(note("next")));
}

TEST_F(PostgresqlServers, ThatEndAReadersConnectionFindItAgain) {
  const auto reader = store->reader();
  terminate(process_of(**reader));
  ASSERT_TRUE(eventually([&] { return (*reader)->execute("SELECT 1").has_value(); }));
  ASSERT_TRUE((*reader)->begin());
  terminate(process_of(**reader));
  EXPECT_FALSE((*reader)->execute("SELECT 1"));
  EXPECT_FALSE((*reader)->execute("SELECT 1"));  // not half of a snapshot
  ASSERT_TRUE((*reader)->rollback());
  EXPECT_TRUE((*reader)->execute("SELECT 1"));
  EXPECT_EQ((*reader)->execute("DELETE FROM meta").error().kind, ErrorKind::refused);
}

TEST_F(PostgresqlServers, ThatEndTheListenersConnectionCauseAResync) {
  std::atomic<int> resyncs = 0;
  std::atomic<int> heard = 0;
  const auto subscription =
      store->subscribe([&](const Notification& notification) { ++(notification.resync ? resyncs : heard); });
  ASSERT_TRUE(eventually([&] { return resyncs == 1; }));
  FreshDatabase::administer(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN punctual'");
  ASSERT_TRUE(eventually([&] { return resyncs == 2; }));
  ASSERT_TRUE(store->write([](Connection& connection) { return connection.notify("a", "b"); }));
  EXPECT_TRUE(eventually([&] { return heard == 1; }));
}

TEST_F(PostgresqlServers, WhoseProcessHangsDoNotHoldAReaderLonger) {
  const auto reader = store->reader();
  StoppedProcess hanging(process_of(**reader));
  if (!hanging.stopped) GTEST_SKIP() << "the server's processes cannot be stopped from here";
  const auto deadline = now() + milliseconds(100);
  (*reader)->set_deadline(deadline);
  const auto rows = (*reader)->execute("SELECT 1");
  EXPECT_LT(now() - deadline, seconds(3));
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::interrupted);
  (*reader)->set_deadline(std::nullopt);
  EXPECT_TRUE((*reader)->execute("SELECT 1"));
}

TEST_F(PostgresqlServers, ThatHangFailWritesAtTheirDeadlineAndThenTakeThem) {
  const auto backend = writer();
  StoppedProcess postmaster(parent_of(backend));
  StoppedProcess hanging(backend);
  if (!postmaster.stopped || !hanging.stopped) GTEST_SKIP() << "the server cannot be stopped from here";
  const auto deadline = now() + milliseconds(100);
  const auto outcome = store->write(note("lost"), deadline);
  EXPECT_LT(now() - deadline, seconds(5));
  ASSERT_FALSE(outcome);
  ASSERT_TRUE(eventually([&] { return !store->state().connected; }));
  const auto queued = store->write(note("lost too"), now() + milliseconds(100));
  ASSERT_FALSE(queued);
  EXPECT_EQ(queued.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(queued.error().message, HasSubstr("no connection"));
  postmaster.go_on();
  hanging.go_on();
  const auto later = store->write(note("later"), now() + seconds(30));
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_THAT(noted(**store->reader()), ElementsAre("later"));
}

// When a process of it is killed, the server ends all its connections and begins anew.
TEST_F(PostgresqlServers, ThatBeginAnewAreFoundAgain) {
  std::atomic<int> resyncs = 0;
  const auto subscription =
      store->subscribe([&](const Notification& notification) { resyncs += notification.resync; });
  ASSERT_TRUE(eventually([&] { return resyncs == 1; }));
  ASSERT_TRUE(store->write(note("before")));
  const auto reader = store->reader();
  if (::kill(static_cast<pid_t>(process_of(**reader)), SIGKILL) != 0) GTEST_SKIP() << "not permitted to kill";
  EXPECT_TRUE(eventually([&] { return !store->state().connected || store->state().last_error != ""; }));
  const auto outcome = store->write(note("after"), now() + seconds(30));
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_TRUE(eventually([&] { return resyncs == 2; }));
  ASSERT_TRUE(eventually([&] { return (*reader)->execute("SELECT 1").has_value(); }));
  EXPECT_THAT(noted(**reader), ElementsAre("after", "before"));
}

TEST_F(PostgresqlServers, ThatAreAwayFailWhatIsQueuedAtTheEnd) {
  const auto backend = writer();
  StoppedProcess postmaster(parent_of(backend));
  if (!postmaster.stopped) GTEST_SKIP() << "the server cannot be stopped from here";
  ASSERT_EQ(::kill(static_cast<pid_t>(backend), SIGTERM), 0);
  ASSERT_TRUE(eventually([&] { return !store->state().connected; }));
  std::string message;
  ASSERT_TRUE(store->enqueue(
      note("x"), [&](const Outcome& outcome) { message = outcome ? "" : outcome.error().message; },
      now() + seconds(60)));
  const auto started = now();
  store.reset();
  EXPECT_LT(now() - started, seconds(10));
  EXPECT_THAT(message, HasSubstr("the program stops"));
}

TEST(PostgresqlTargets, DescribeThemselvesWithoutTheirPassword) {
  const auto target =
      PostgresqlTarget::parse("postgresql://anna:s3cret@db.example:5433/gate?sslmode=require");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->description(), "postgresql://anna:***@db.example:5433/gate");
  EXPECT_EQ(target->masked("cannot use\n s3cret\n"), "cannot use;  ***");
  const auto other = PostgresqlTarget::parse("postgresql://anna@db.example/gate?password=s3cret");
  ASSERT_TRUE(other);
  EXPECT_THAT(other->description(), Not(HasSubstr("s3cret")));
}

TEST(PostgresqlTargets, AreRefusedWhenAPieceOfThePasswordTurnsUpElsewhere) {
  for (const char* url : {"postgresql://anna:s3@cret@host/db", "postgresql://anna:p@s3:cret@host/db",
                          "postgresql://anna:p@host/db?nonsense=s3cret", "postgresql://anna:a@[s3cret/db"}) {
    const auto target = PostgresqlTarget::parse(url);
    ASSERT_FALSE(target) << url;
    EXPECT_EQ(target.error().kind, ErrorKind::refused);
    EXPECT_THAT(target.error().message, Not(HasSubstr("cret")));
  }
}

}  // namespace
}  // namespace punctual::storage
