#include "queryaudit/audited_query.hpp"

#include <gmock/gmock.h>
#include <sodium.h>

#include <thread>

#include "queryaudit/queryaudit_testing.hpp"

namespace punctual::queryaudit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AuditedQuery : public QueryAuditTest {};
INSTANTIATE_TEST_SUITE_P(, AuditedQuery, storage::both_dialects, storage::dialect_name);

TEST_P(AuditedQuery, IsRecordedBeforeItRunsAndCompletedAfter) {
  TakingSink sink;
  sink.on_begun = [&](const QueryBegun& begun) {
    const auto record = only_record();
    EXPECT_EQ(std::to_string(record.id), begun.id);
    EXPECT_EQ(record.outcome, Outcome::running) << "durable, and not run yet";
    EXPECT_EQ(record.started.statement, "SELECT n FROM numbers");
    EXPECT_THAT(sink.rows, IsEmpty());
    EXPECT_EQ(begun.limit_seconds, 30);
  };
  const auto done = ask("SELECT n FROM numbers", sink);
  EXPECT_EQ(done.outcome, Outcome::success) << done.error;
  const auto record = only_record();
  EXPECT_EQ(std::to_string(record.id), done.id);
  EXPECT_EQ(record.outcome, Outcome::success);
  EXPECT_EQ(record.started.user, "ada");
  EXPECT_EQ(record.started.model, "sim-tools");
  EXPECT_EQ(record.started.chat_id, "chat_1");
  EXPECT_EQ(record.started.request_id, "req_1");
  EXPECT_EQ(record.started.round, 2);
  EXPECT_EQ(record.started.data_source, "numbers");
  EXPECT_EQ(record.started.kind, "sqlite");
  EXPECT_EQ(record.started.tool, "query");
  EXPECT_EQ(record.started.reason, "To know");
  EXPECT_EQ(record.finished.rows, 3);
  EXPECT_EQ(record.finished.bytes, 9);
  EXPECT_FALSE(record.finished.truncated);
  EXPECT_GE(record.finished.at, record.started.at);
  expect_whole(1);
}

TEST_P(AuditedQuery, TheHashIsOfWhatTheSinkWasGiven) {
  TakingSink sink;
  const auto done = ask("SELECT n FROM numbers", sink);
  std::string text = sink.columns + "\n";
  for (const auto& row : sink.rows)
    text += row + "\n";
  EXPECT_EQ(done.result_hash, sha256(text));
  EXPECT_EQ(only_record().finished.result_hash, done.result_hash);
  EXPECT_THAT(sink.rows, ElementsAre("[1]", "[2]", "[3]"));
}

TEST_P(AuditedQuery, FailureRefusalTimeoutAndCancelAreCompletedToo) {
  TakingSink sink;
  EXPECT_EQ(ask("SELECT nothing", sink).outcome, Outcome::failed);
  EXPECT_EQ(ask("DELETE FROM numbers", sink).outcome, Outcome::refused);
  const std::string endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n";
  EXPECT_EQ(ask(endless, sink, milliseconds(300)).outcome, Outcome::timeout);
  datasource::CancelToken cancel;
  sink.on_begun = [&](const QueryBegun&) { cancel.cancel(); };
  EXPECT_EQ(queries->run(order(endless), storage::now() + seconds(30), cancel, sink).outcome,
            Outcome::cancelled);
  sink.on_begun = {};
  sink.pieces_max = 0;
  EXPECT_EQ(ask("SELECT n FROM numbers", sink).outcome, Outcome::cancelled);
  sink.pieces_max = 100;
  auto unknown = order("SELECT 1");
  unknown.data_source = "data_none";
  EXPECT_EQ(queries->run(unknown, storage::now() + seconds(30), token, sink).outcome, Outcome::refused);
  source->enabled = false;
  EXPECT_EQ(ask("SELECT 1", sink).outcome, Outcome::refused);
  std::vector<std::string> outcomes;
  for (const auto& record : records()) {
    outcomes.emplace_back(name_of(record.outcome));
    EXPECT_FALSE(record.finished.error.empty()) << record.id;
    EXPECT_EQ(record.finished.rows, 0);
  }
  EXPECT_THAT(outcomes,
              ElementsAre("refused", "refused", "cancelled", "cancelled", "timeout", "refused", "failed"));
  expect_whole(7);
}

TEST_P(AuditedQuery, RunsNothingWhenItsRecordCannotBeWritten) {
  alter("DROP TABLE query_chain");
  TakingSink sink;
  bool begun = false;
  sink.on_begun = [&](const QueryBegun&) { begun = true; };
  const auto done = ask("SELECT n FROM numbers", sink);
  EXPECT_EQ(done.id, "");
  EXPECT_THAT(done.error, HasSubstr("was not run"));
  EXPECT_FALSE(begun);
  EXPECT_THAT(sink.rows, IsEmpty());
}

TEST_P(AuditedQuery, SeveralAtOnceMakeOneChain) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < 5; ++n) {
        TakingSink sink;
        EXPECT_EQ(ask("SELECT n FROM numbers", sink).outcome, Outcome::success);
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  expect_whole(20);
}

TEST_P(AuditedQuery, TwoGatewaysOnOneDatabaseMakeOneChain) {
  if (GetParam() == storage::Dialect::sqlite) GTEST_SKIP() << "one gateway has the file";
  const auto other_store = open_store();
  const auto other = open_queries(*other_store);
  std::thread thread([&] {
    for (int n = 0; n < 10; ++n) {
      TakingSink sink;
      other->run(order("SELECT 1"), storage::now() + seconds(30), token, sink);
    }
  });
  for (int n = 0; n < 10; ++n) {
    TakingSink sink;
    ask("SELECT 2", sink);
  }
  thread.join();
  expect_whole(20);
}

TEST_P(AuditedQuery, WhatAProcessLeavesBehindIsLost) {
  TakingSink sink;
  ask("SELECT 1", sink);
  Started started;
  started.at = storage::to_microseconds(storage::wall_now()) - 1'000'000'000;
  started.until = started.at + 30'000'000;
  ASSERT_TRUE(store->write([&](storage::Connection& connection) -> storage::Outcome {
    const auto made = chain().start(connection, started);
    if (!made) return std::unexpected(made.error());
    return {};
  }));
  EXPECT_EQ(records().front().outcome, Outcome::running);
  expect_whole(2);
  EXPECT_EQ(queries->complete_lost(true), 1);
  EXPECT_EQ(records().front().outcome, Outcome::lost);
  EXPECT_EQ(queries->complete_lost(true), 0);
  expect_whole(2);
  // Completing it a second time changes nothing.
  ASSERT_TRUE(store->write([&](storage::Connection& connection) -> storage::Outcome {
    EXPECT_EQ(chain().finish(connection, records().front().id, {}), false);
    return {};
  }));
}

TEST_P(AuditedQuery, OneThatRunsElsewhereIsNotLost) {
  TakingSink sink;
  sink.on_begun = [&](const QueryBegun&) { EXPECT_EQ(queries->complete_lost(false), 0); };
  EXPECT_EQ(ask("SELECT 1", sink).outcome, Outcome::success);
}

TEST_P(AuditedQuery, TextsFromOutsideAreBoundedAndStorable) {
  TakingSink sink;
  auto order_of = order("SELECT '\xff'");
  order_of.reason = std::string(10'000, 'x');
  order_of.user = std::string("a\0b", 3);
  const auto done = queries->run(order_of, storage::now() + seconds(30), token, sink);
  EXPECT_EQ(done.outcome, Outcome::refused);
  const auto record = only_record();
  EXPECT_LT(record.started.reason.size(), 4200u);
  EXPECT_THAT(record.started.reason, HasSubstr("[10000 bytes]"));
  expect_whole(1);
}

}  // namespace
}  // namespace punctual::queryaudit
