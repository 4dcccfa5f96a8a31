// What the tests of storage/ share: a fresh database of either kind, made and removed by the fixture.
//
// PUNCTUAL_TEST_POSTGRES holds the URL of a PostgreSQL database in which schemas may be made; without it the
// PostgreSQL half is skipped and says so. Nothing here waits for a fixed time.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/now.hpp"
#include "storage/postgresql_connection.hpp"
#include "storage/sqlite_connection.hpp"
#include "storage/store.hpp"

namespace punctual::storage {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr const char* endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n";

// True as soon as `condition` is; false if it is not within `limit`.
template <class Condition>
bool eventually(Condition condition, deadline::Duration limit = seconds(20)) {
  for (const auto until = now() + limit; now() < until; ::poll(nullptr, 0, 2)) {
    if (condition()) return true;
  }
  return condition();
}

// Closed until it is opened, for jobs that must hold up the writer.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    arrived_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, seconds(30), [this] { return open_; });
  }
  void wait_arrival() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(30), [this] { return arrived_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  bool arrived_ = false;
};

class FreshDatabase {
 public:
  explicit FreshDatabase(Dialect dialect) : dialect_(dialect) {
    static int count = 0;
    const std::string name = "punctual_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    folder_ = std::filesystem::path(testing::TempDir()) / name;
    std::filesystem::remove_all(folder_);
    if (dialect_ == Dialect::sqlite) return;
    name_ = name;
    administer("CREATE SCHEMA " + name_);
  }
  FreshDatabase(const FreshDatabase&) = delete;
  FreshDatabase& operator=(const FreshDatabase&) = delete;
  ~FreshDatabase() {
    std::filesystem::remove_all(folder_);
    if (dialect_ == Dialect::postgresql) administer("DROP SCHEMA IF EXISTS " + name_ + " CASCADE");
  }

  static const char* server() { return std::getenv("PUNCTUAL_TEST_POSTGRES"); }

  StoreOptions options() const {
    StoreOptions options;
    options.data = folder_;
    if (dialect_ == Dialect::postgresql) options.location = url();
    return options;
  }

  std::unique_ptr<Session> session() const {
    if (dialect_ == Dialect::postgresql) {
      auto target = PostgresqlTarget::parse(url());
      auto opened =
          PostgresqlConnection::open(*target, PostgresqlConnection::Use::writer, now() + seconds(20));
      if (opened) return std::move(*opened);
      ADD_FAILURE() << opened.error().message;
      return nullptr;
    }
    std::filesystem::create_directories(folder_);
    auto opened = SqliteConnection::open(file().string(), SqliteConnection::Access::read_write);
    if (opened) return std::move(*opened);
    ADD_FAILURE() << opened.error().message;
    return nullptr;
  }

  std::filesystem::path file() const { return folder_ / "punctual.db"; }
  const std::filesystem::path& folder() const { return folder_; }

  // The server's URL with our schema in front of the others.
  std::string url() const {
    const std::string url = server();
    return url + (url.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3D" + name_;
  }

  static void administer(const std::string& sql) {
    auto target = PostgresqlTarget::parse(server());
    auto opened = PostgresqlConnection::open(*target, PostgresqlConnection::Use::writer, now() + seconds(20));
    ASSERT_TRUE(opened) << opened.error().message;
    const auto done = (*opened)->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }

 private:
  Dialect dialect_;
  std::filesystem::path folder_;
  std::string name_;
};

// A suite for both: INSTANTIATE_TEST_SUITE_P(, Suite, both_dialects, dialect_name).
class BothDatabases : public testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    if (GetParam() == Dialect::postgresql && !FreshDatabase::server()) {
      GTEST_SKIP() << "PUNCTUAL_TEST_POSTGRES does not name a server";
    }
    database = std::make_unique<FreshDatabase>(GetParam());
  }

  std::unique_ptr<Store> open_store() const { return open_store(database->options()); }
  static std::unique_ptr<Store> open_store(const StoreOptions& options) {
    auto store = Store::open(options);
    if (store) return std::move(*store);
    ADD_FAILURE() << store.error().message;
    return nullptr;
  }

  std::unique_ptr<FreshDatabase> database;
};

inline const auto both_dialects = testing::Values(Dialect::sqlite, Dialect::postgresql);

inline std::string dialect_name(const testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::sqlite ? "sqlite" : "postgresql";
}

// A job that notes a name, and one that fails if the name is there already.
inline Job note(std::string name) {
  return [name = std::move(name)](Connection& connection) -> Outcome {
    const auto done = connection.execute("INSERT INTO meta (name, value) VALUES ($1, 'x')", {name});
    if (!done) return std::unexpected(done.error());
    return {};
  };
}

inline std::vector<std::string> noted(Connection& connection) {
  std::vector<std::string> names;
  const auto rows = connection.execute("SELECT name FROM meta ORDER BY name");
  if (!rows) ADD_FAILURE() << rows.error().message;
  if (rows) {
    for (const Row row : *rows)
      names.push_back(row.text(0));
  }
  return names;
}

}  // namespace punctual::storage
