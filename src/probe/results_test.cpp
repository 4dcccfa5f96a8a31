#include "probe/results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "changes/changes.hpp"
#include "storage/database_testing.hpp"

namespace punctual::probe {
namespace {

using std::chrono::days;

constexpr deadline::WallTime epoch{std::chrono::seconds(1'700'000'000)};

class Results : public storage::BothDatabases {
 protected:
  void SetUp() override {
    storage::BothDatabases::SetUp();
    if (IsSkipped()) return;
    store = open_store();
    reader = std::move(*store->reader());
  }
  void TearDown() override {
    reader.reset();
    store.reset();
    storage::BothDatabases::TearDown();
  }
  deadline::Instant soon() const { return storage::now() + std::chrono::seconds(20); }
  void keep(const std::string& url, deadline::WallTime at, deadline::Duration wall) {
    Result result;
    result.at = storage::to_microseconds(at);
    result.by = "laptop";
    result.peer = "10.0.0.7";
    result.report = {url,
                     {{.kind = StallKind::silent_answer,
                       .asked = std::chrono::seconds(310),
                       .lasted = wall,
                       .ending = Ending::reset}}};
    ASSERT_TRUE(keep_result(*store, result, "req_1", soon()));
  }
  std::vector<Result> read(deadline::WallTime at = epoch) {
    auto results = read_results(*reader, at);
    EXPECT_TRUE(results) << results.error().message;
    return results.value_or(std::vector<Result>());
  }

  std::unique_ptr<storage::Store> store;
  std::unique_ptr<storage::Connection> reader;
};

INSTANTIATE_TEST_SUITE_P(, Results, storage::both_dialects, storage::dialect_name);

TEST_P(Results, AreKeptAsTheyWere) {
  keep("https://a/v1", epoch, std::chrono::seconds(60));
  const auto results = read();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].by, "laptop");
  EXPECT_EQ(results[0].peer, "10.0.0.7");
  EXPECT_EQ(results[0].report.url, "https://a/v1");
  EXPECT_EQ(results[0].report.observations[0].lasted, std::chrono::seconds(60));
  EXPECT_EQ(document_of(results[0]).at("at"), "2023-11-14T22:13:20.000Z");
}

TEST_P(Results, TheLatestOfEachAddressNewestFirst) {
  keep("https://a/v1", epoch - days(3), std::chrono::seconds(60));
  keep("https://b/v1", epoch - days(2), std::chrono::seconds(100));
  keep("https://a/v1", epoch - days(1), std::chrono::seconds(90));
  const auto results = read();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].report.url, "https://a/v1");
  EXPECT_EQ(results[0].report.observations[0].lasted, std::chrono::seconds(90));
  EXPECT_EQ(results[1].report.url, "https://b/v1");
}

TEST_P(Results, OldOnesAreNoLongerToldAndThenGone) {
  keep("https://a/v1", epoch - days(31), std::chrono::seconds(60));
  EXPECT_TRUE(read().empty());
  EXPECT_EQ(read(epoch - days(2)).size(), 1u);
  keep("https://b/v1", epoch, std::chrono::seconds(60));
  EXPECT_EQ(read(epoch - days(2)).size(), 1u);
}

TEST_P(Results, AreBounded) {
  for (std::size_t i = 0; i < results_max + 5; ++i)
    keep("https://a" + std::to_string(i) + "/v1", epoch + std::chrono::seconds(i), std::chrono::seconds(60));
  const auto rows = reader->execute("SELECT count(*) FROM probes");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front().integer(0), static_cast<std::int64_t>(results_max));
  EXPECT_EQ(read(epoch + days(1)).front().report.url, "https://a36/v1");
}

TEST_P(Results, AreForgotten) {
  keep("https://a/v1", epoch, std::chrono::seconds(60));
  const auto id = read().front().id;
  const auto forget = [&](std::int64_t which) {
    return forget_result(*store, {.id = which, .at = 1, .actor = "user:ada", .request_id = "req_2"}, soon());
  };
  EXPECT_EQ(forget(id + 1), false);
  EXPECT_EQ(forget(id), true);
  EXPECT_TRUE(read().empty());
  const auto changes = changes::list(*reader, {.subject_prefix = "probe:"});
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 2u);
  EXPECT_EQ(changes->at(0).change.action, "delete");
  EXPECT_EQ(changes->at(0).change.actor, "user:ada");
  EXPECT_EQ(changes->at(1).change.actor, "api_key:laptop");
  EXPECT_EQ(changes->at(1).change.subject, "probe:https://a/v1");
}

}  // namespace
}  // namespace punctual::probe
