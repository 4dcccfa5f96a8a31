#include "changes/changes.hpp"

#include <gmock/gmock.h>

#include "storage/database_testing.hpp"

namespace punctual::changes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Changes : public storage::BothDatabases {
 protected:
  void SetUp() override {
    storage::BothDatabases::SetUp();
    if (IsSkipped()) return;
    store = open_store();
    reader = std::move(*store->reader());
  }
  void add(const Change& change, std::int64_t at = 1) {
    const auto done =
        store->write([&](storage::Connection& connection) { return record(connection, at, change); });
    EXPECT_TRUE(done) << done.error().message;
  }
  void add(std::string actor, std::string subject) {
    add({std::move(actor), "x", std::move(subject), {}, {}, ""});
  }
  std::vector<std::string> subjects(const Filter& filter) const {
    std::vector<std::string> texts;
    const auto found = list(*reader, filter);
    EXPECT_TRUE(found) << found.error().message;
    if (!found) return texts;
    for (const RecordedChange& one : *found)
      texts.push_back(one.change.subject);
    return texts;
  }

  std::unique_ptr<storage::Store> store;
  std::unique_ptr<storage::Connection> reader;
};
INSTANTIATE_TEST_SUITE_P(, Changes, storage::both_dialects, storage::dialect_name);

TEST_P(Changes, AreListedAsTheyWereRecorded) {
  add({"user:ada", "provider.change", "provider:openai", R"({"a":1})", R"({"a":2})", "req_1"}, 1234);
  add({"setup", "user.create", "user:ada", std::nullopt, R"("\u00e9 é")", ""});
  const auto found = list(*reader, {});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].change.before, std::nullopt);
  EXPECT_EQ((*found)[0].change.after, R"("\u00e9 é")");
  EXPECT_EQ((*found)[0].change.request_id, "");
  EXPECT_EQ((*found)[1].at_microseconds, 1234);
  EXPECT_EQ((*found)[1].change.actor, "user:ada");
  EXPECT_EQ((*found)[1].change.action, "provider.change");
  EXPECT_EQ((*found)[1].change.before, R"({"a":1})");
  EXPECT_EQ((*found)[1].change.request_id, "req_1");
  EXPECT_GT((*found)[0].id, (*found)[1].id);
}

TEST_P(Changes, AreFilteredAndPaged) {
  add("user:ada", "user:bob");
  add("user:ada", "provider:a_b");
  add("user:bob", "provider:a%b");
  add("user:ada", "Provider:x");
  EXPECT_THAT(subjects({}), ElementsAre("Provider:x", "provider:a%b", "provider:a_b", "user:bob"));
  EXPECT_THAT(subjects({.subject_prefix = "provider:"}), ElementsAre("provider:a%b", "provider:a_b"));
  EXPECT_THAT(subjects({.subject_prefix = "provider:a_"}), ElementsAre("provider:a_b"));
  EXPECT_THAT(subjects({.actor = "user:bob"}), ElementsAre("provider:a%b"));
  EXPECT_THAT(subjects({.rows_max = 1, .actor = "user:ada"}), ElementsAre("Provider:x"));
  EXPECT_THAT(subjects({.rows_max = 0}), ElementsAre("Provider:x"));
  const auto first = list(*reader, {.rows_max = 2});
  ASSERT_TRUE(first);
  EXPECT_THAT(subjects({.before_id = first->back().id}), ElementsAre("provider:a_b", "user:bob"));
}

TEST_P(Changes, AreGoneWithTheChangeThatFails) {
  const auto done = store->write([&](storage::Connection& connection) -> storage::Outcome {
    if (auto recorded = record(connection, 1, {"a", "b", "c", {}, {}, ""}); !recorded) return recorded;
    return std::unexpected(storage::Error{storage::ErrorKind::refused, "no", {}});
  });
  EXPECT_FALSE(done);
  EXPECT_THAT(subjects({}), IsEmpty());
}

TEST_P(Changes, TakeTextFromOutsideAndBoundIt) {
  add({"user:\xff", "x", std::string("a\0b", 3), {}, {}, ""});
  EXPECT_EQ(subjects({}).size(), 1U);
  const auto done = store->write([&](storage::Connection& connection) {
    return record(connection, 1, {"a", "b", "c", std::string(value_bytes_max + 1, 'x'), {}, ""});
  });
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("65536"));
}

}  // namespace
}  // namespace punctual::changes
