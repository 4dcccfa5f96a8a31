// What only a file can do: be locked, be full, be damaged, and survive the death of its writer.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "storage/database_testing.hpp"
#include "storage/migrations.hpp"

namespace punctual::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SqliteFiles : public testing::Test {
 protected:
  Error error_of_opening(bool exclusive = false) const {
    auto options = database.options();
    options.exclusive = exclusive;
    const auto store = Store::open(options);
    return store ? Error() : store.error();
  }
  std::unique_ptr<Store> open() const {
    auto store = Store::open(database.options());
    if (store) return std::move(*store);
    ADD_FAILURE() << store.error().message;
    return nullptr;
  }
  static mode_t mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777;
  }
  FreshDatabase database{Dialect::sqlite};
};

TEST_F(SqliteFiles, AreForTheirOwnerOnly) {
  const auto store = open();
  ASSERT_TRUE(store->write(note("x")));
  EXPECT_EQ(mode_of(database.folder()), 0700U);
  EXPECT_EQ(mode_of(database.file()), 0600U);
  EXPECT_EQ(mode_of(database.file().string() + "-wal"), 0600U);
}

TEST_F(SqliteFiles, TakeTheRightsOfOthersAway) {
  std::filesystem::create_directories(database.folder());
  std::ofstream(database.file()).close();
  ASSERT_EQ(::chmod(database.file().c_str(), 0644), 0);
  open();
  EXPECT_EQ(mode_of(database.file()), 0600U);
}

TEST_F(SqliteFiles, ServeOneGatewayAndAnyCommandLine) {
  auto options = database.options();
  options.exclusive = true;
  auto first = Store::open(options);
  ASSERT_TRUE(first);
  const Error error = error_of_opening(true);
  EXPECT_EQ(error.kind, ErrorKind::busy);
  EXPECT_THAT(error.message, HasSubstr("another gateway (process " + std::to_string(::getpid()) + ")"));
  ASSERT_TRUE(open()->write(note("by the command line")));
  first->reset();
  EXPECT_TRUE(Store::open(options));
}

TEST_F(SqliteFiles, SayThatTheyAreLocked) {
  const auto store = open();
  const auto other = database.session();
  ASSERT_TRUE(other->begin());
  const auto deadline = now() + milliseconds(100);
  const auto outcome = store->write(note("waits"), deadline);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::interrupted);
  EXPECT_THAT(noted(**store->reader()), IsEmpty());  // a reader does not wait
  ASSERT_TRUE(other->rollback());
  ASSERT_TRUE(store->write(note("waits no more")));
}

TEST_F(SqliteFiles, WaitForALockUntilItIsFree) {
  const auto store = open();
  const auto other = database.session();
  ASSERT_TRUE(other->begin());
  std::atomic<bool> done = false;
  ASSERT_TRUE(store->enqueue(note("waits"), [&](const Outcome& outcome) { done = outcome.has_value(); }));
  ASSERT_TRUE(eventually([&] { return store->state().jobs_queued == 0; }));
  ASSERT_TRUE(other->commit());
  EXPECT_TRUE(eventually([&] { return done.load(); }));
}

TEST_F(SqliteFiles, SayThatTheyAreFullAndGoOnWithWhatFits) {
  const auto store = open();
  ASSERT_TRUE(store->write([](Connection& connection) -> Outcome {
    const auto pages = connection.execute("PRAGMA page_count")->front().integer(0);
    EXPECT_TRUE(connection.execute("PRAGMA max_page_count = " + std::to_string(pages + 20)));
    return {};
  }));
  Gate gate;
  std::vector<std::string> outcomes;
  const auto keep = [&](const Outcome& outcome) {
    outcomes.emplace_back(outcome ? "saved" : std::string(name_of(outcome.error().kind)));
  };
  const auto put = [](const std::string& name, std::size_t bytes) -> Job {
    return [name, bytes](Connection& connection) -> Outcome {
      const auto done =
          connection.execute("INSERT INTO meta VALUES ($1, $2)", {name, std::string(bytes, 'x')});
      if (!done) return std::unexpected(done.error());
      return {};
    };
  };
  (void)store->enqueue(
      [&](Connection&) -> Outcome {
        gate.pass();
        return {};
      },
      {});
  gate.wait_arrival();
  (void)store->enqueue(put("a", 100), keep);
  (void)store->enqueue(put("b", 1'000'000), keep);
  (void)store->enqueue(put("c", 100), keep);
  gate.open();
  ASSERT_TRUE(store->write(put("d", 100)));
  EXPECT_THAT(outcomes, testing::UnorderedElementsAre("saved", "full", "saved"));
  EXPECT_THAT(noted(**store->reader()), ElementsAre("a", "c", "d"));
}

TEST_F(SqliteFiles, SayThatTheyAreNoDatabase) {
  std::filesystem::create_directories(database.folder());
  std::ofstream(database.file()) << std::string(8192, 'x');
  const Error error = error_of_opening();
  EXPECT_EQ(error.kind, ErrorKind::corrupt) << error.message;
  EXPECT_THAT(error.message, HasSubstr("restore a backup"));
}

TEST_F(SqliteFiles, SayThatTheyAreDamaged) {
  {
    const auto store = open();
    for (int i = 0; i < 300; ++i)
      ASSERT_TRUE(store->enqueue(note(std::string(200, 'x') + std::to_string(i)), {}));
  }
  {
    std::fstream file(database.file(), std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(database.file()));
    for (std::int64_t page = size / 4096 - 10; page < size / 4096; ++page) {
      file.seekp(page * 4096);
      file << std::string(1000, '\x5a');
    }
  }
  const Error error = error_of_opening();
  EXPECT_EQ(error.kind, ErrorKind::corrupt) << error.message;
  EXPECT_THAT(error.message, HasSubstr("is damaged"));
}

TEST_F(SqliteFiles, OfANewerVersionAreRefused) {
  ASSERT_TRUE(open()->write([](Connection& connection) -> Outcome {
    const auto done = connection.execute("INSERT INTO schema_migrations VALUES (999, 'later', '', 0)");
    if (!done) return std::unexpected(done.error());
    return {};
  }));
  const Error error = error_of_opening();
  EXPECT_EQ(error.kind, ErrorKind::refused);
  EXPECT_THAT(error.message, HasSubstr("newer version of Punctual (its schema is 999"));
}

TEST_F(SqliteFiles, InAFolderThatCannotBeMadeSaySo) {
  auto options = database.options();
  options.data = "/proc/nowhere/data";
  const auto store = Store::open(options);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, HasSubstr("/proc/nowhere/data"));
}

// Writes numbers until it is killed; each that was committed goes into the pipe.
[[noreturn]] void write_until_killed(const StoreOptions& options, int acknowledged) {
  const auto store = Store::open(options);
  for (int number = 0; store; ++number) {
    if (!(*store)->write(note(std::to_string(number)))) break;
    const std::string line = std::to_string(number) + "\n";
    if (::write(acknowledged, line.data(), line.size()) < 0) break;
  }
  ::_exit(1);
}

TEST_F(SqliteFiles, KeepWhatWasAcknowledgedWhenTheWriterIsKilled) {
  for (int round = 0; round < 3; ++round) {
    FreshDatabase fresh(Dialect::sqlite);
    int ends[2] = {};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(fresh.options(), ends[1]);
    ::close(ends[1]);
    std::string lines;
    char byte = 0;
    std::size_t count = 0;
    const std::size_t wanted = 20 + 30 * static_cast<std::size_t>(round);
    while (::read(ends[0], &byte, 1) == 1) {
      lines.push_back(byte);
      if (byte == '\n' && ++count == wanted) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    auto store = Store::open(fresh.options());
    ASSERT_TRUE(store) << store.error().message;
    const auto names = noted(**(*store)->reader());
    EXPECT_GE(names.size(), wanted);
    for (std::size_t from = 0; from < lines.size();) {
      const auto end = lines.find('\n', from);
      EXPECT_THAT(names, testing::Contains(lines.substr(from, end - from)));
      from = end + 1;
    }
  }
}

}  // namespace
}  // namespace punctual::storage
