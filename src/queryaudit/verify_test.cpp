#include "queryaudit/verify.hpp"

#include <gmock/gmock.h>

#include "queryaudit/queryaudit_testing.hpp"

namespace punctual::queryaudit {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// Five records: ids 1, 3, 5, 7, 9, their ends at 2, 4, 6, 8, 10.
class QueryChain : public QueryAuditTest {
 protected:
  void SetUp() override {
    QueryAuditTest::SetUp();
    if (IsSkipped()) return;
    for (int i = 0; i < 5; ++i) {
      TakingSink sink;
      ask("SELECT " + std::to_string(i), sink);
    }
    expect_whole(5);
  }
  void expect_problem(std::int64_t id, const std::string& what) const {
    const auto result = verified();
    EXPECT_FALSE(result.ok()) << what;
    bool found = false;
    for (const auto& problem : result.problems)
      found = found || (problem.id == id && problem.what.contains(what));
    EXPECT_TRUE(found) << id << " " << what << ": "
                       << (result.problems.empty() ? "nothing" : result.problems.front().what);
  }
};
INSTANTIATE_TEST_SUITE_P(, QueryChain, storage::both_dialects, storage::dialect_name);

TEST_P(QueryChain, EveryColumnIsHeld) {
  for (const std::string set : {"at = at + 1",
                                "until = until + 1",
                                "user_name = 'eve'",
                                "model = 'x'",
                                "chat_id = 'x'",
                                "request_id = 'x'",
                                "round = 9",
                                "data_source = 'x'",
                                "kind = 'x'",
                                "tool = 'x'",
                                "statement = 'SELECT 9'",
                                "reason = 'x'",
                                "hash = 'x'",
                                "outcome = 'failed'",
                                "finished = finished + 1",
                                "row_count = 9",
                                "byte_count = 9",
                                "truncated = 1",
                                "duration_us = duration_us + 1",
                                "error = 'x'",
                                "result_hash = 'x'",
                                "end_hash = 'x'"}) {
    alter("CREATE TABLE kept AS SELECT * FROM queries WHERE id = 5");
    alter("UPDATE queries SET " + set + " WHERE id = 5");
    expect_problem(5, "was changed");
    EXPECT_LE(verified().problems.size(), 3u) << set;
    alter("DELETE FROM queries WHERE id = 5");
    alter("INSERT INTO queries SELECT * FROM kept");
    alter("DROP TABLE kept");
    expect_whole(5);
  }
}

TEST_P(QueryChain, ARecordOfTheMiddleThatIsRemovedIsFound) {
  alter("DELETE FROM queries WHERE id = 5");
  expect_problem(3, "gap");
}

TEST_P(QueryChain, TheFirstAndTheLastThatAreRemovedAreFound) {
  alter("DELETE FROM queries WHERE id = 9");
  expect_problem(7, "removed");
  alter("DELETE FROM queries WHERE id = 1");
  expect_problem(0, "gap");
}

TEST_P(QueryChain, AllThatAreRemovedAreFound) {
  alter("DELETE FROM queries");
  expect_problem(0, "removed");
}

TEST_P(QueryChain, ARecordThatIsInsertedIsFound) {
  alter(
      "INSERT INTO queries SELECT 11, at, until, user_name, model, chat_id, request_id, round, data_source, "
      "kind, tool, "
      "statement, reason, hash, outcome, 12, finished, row_count, byte_count, truncated, duration_us, error, "
      "result_hash, end_hash FROM queries WHERE id = 9");
  expect_problem(11, "inserted");
  // In a place that is taken by an end.
  alter("DELETE FROM queries WHERE id = 11");
  alter(
      "INSERT INTO queries SELECT 4, at, until, user_name, model, chat_id, request_id, round, data_source, "
      "kind, tool, "
      "statement, reason, hash, 'running', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM queries "
      "WHERE id = 3");
  EXPECT_FALSE(verified().ok());
}

TEST_P(QueryChain, RecordsThatAreSwappedAreFound) {
  alter("UPDATE queries SET id = 100 WHERE id = 3");
  alter("UPDATE queries SET id = 3 WHERE id = 5");
  alter("UPDATE queries SET id = 5 WHERE id = 100");
  expect_problem(3, "was changed");
  expect_problem(5, "was changed");
}

TEST_P(QueryChain, ContentsThatAreSwappedAreFound) {
  alter(
      "UPDATE queries SET statement = CASE id WHEN 3 THEN 'SELECT 2' ELSE 'SELECT 1' END WHERE id IN (3, 5)");
  expect_problem(3, "was changed");
  expect_problem(5, "was changed");
}

TEST_P(QueryChain, AnEndThatIsTakenAwayIsFound) {
  alter("UPDATE queries SET outcome = 'running', end_link = NULL WHERE id = 9");
  expect_problem(9, "removed");
  alter("UPDATE queries SET outcome = 'running', end_link = NULL WHERE id = 3");
  expect_problem(3, "gap");
}

TEST_P(QueryChain, AHeadThatIsChangedIsFoundAndNotBuiltOn) {
  alter("DELETE FROM queries WHERE id = 9");
  alter("UPDATE query_chain SET links = 8, head = (SELECT end_hash FROM queries WHERE end_link = 8)");
  expect_problem(7, "not genuine");
  TakingSink sink;
  const auto done = ask("SELECT 1", sink);
  EXPECT_EQ(done.id, "");
  EXPECT_THAT(done.error, HasSubstr("punctual audit verify"));
  EXPECT_THAT(sink.rows, SizeIs(0));
}

TEST_P(QueryChain, AnOlderStateThatIsPutBackIsNotBuiltOn) {
  alter("CREATE TABLE kept AS SELECT * FROM query_chain");
  TakingSink sink;
  ask("SELECT 5", sink);
  alter("DELETE FROM queries WHERE id = 11");
  alter("DELETE FROM query_chain");
  alter("INSERT INTO query_chain SELECT * FROM kept");
  EXPECT_TRUE(verified().ok()) << "in itself it is whole";
  const auto done = ask("SELECT 6", sink);
  EXPECT_EQ(done.id, "");
  EXPECT_THAT(done.error, HasSubstr("tampered"));
}

TEST_P(QueryChain, AnEarlierHeadIsStillThereOrNot) {
  const auto head = verified();
  const auto reader = *store->reader();
  EXPECT_EQ(*link_hash_at(*reader, head.links), head.head);
  EXPECT_EQ(*link_hash_at(*reader, 0), LinkHash::origin());
  EXPECT_EQ(*link_hash_at(*reader, head.links + 1), "");
}

TEST_P(QueryChain, AnotherKeyFitsNothing) {
  const auto reader = *store->reader();
  const auto result = verify(*reader, LinkHash(*secrets::Key::random()), storage::now() + seconds(30));
  ASSERT_TRUE(result);
  EXPECT_GE(result->problems.size(), 10u);
}

TEST_P(QueryChain, ManyRecordsAreReadInPages) {
  for (int i = 0; i < 220; ++i) {
    TakingSink sink;
    source->enabled = false;
    ask("SELECT " + std::to_string(i), sink);
  }
  expect_whole(225);
  alter("UPDATE queries SET reason = 'x' WHERE id = 401");
  expect_problem(401, "was changed");
}

TEST_P(QueryChain, PagesAndFilters) {
  TakingSink sink;
  ask("DELETE FROM numbers", sink);
  const auto reader = *store->reader();
  auto page = *list(*reader, {}, std::nullopt, 4);
  EXPECT_EQ(page.records.size(), 4u);
  ASSERT_TRUE(page.older);
  page = *list(*reader, {}, page.older, 4);
  EXPECT_EQ(page.records.size(), 2u);
  EXPECT_FALSE(page.older);
  const auto count = [&](const std::string& query) {
    const auto filter = queryaudit::parse_filter(*requestlog::parse_query(query), clock.wall_now(), {});
    EXPECT_TRUE(filter) << query;
    return list(*reader, *filter, std::nullopt, 100)->records.size();
  };
  EXPECT_EQ(count("outcome=refused"), 1u);
  EXPECT_EQ(count("outcome=refused&outcome=success"), 6u);
  EXPECT_EQ(count("user=ada&model=sim-tools&data_source=numbers"), 6u);
  EXPECT_EQ(count("user=eve"), 0u);
  EXPECT_EQ(count("request=chat_1"), 6u);
  EXPECT_EQ(count("request=req_1"), 6u);
  EXPECT_EQ(count("from=1h"), 6u);
  EXPECT_EQ(count("to=1h"), 0u);
  for (const auto* query : {"outcome=good", "color=red", "from=yesterday", "user=", "from=1h&to=2h"})
    EXPECT_FALSE(queryaudit::parse_filter(*requestlog::parse_query(query), clock.wall_now(), {})) << query;
}

TEST_P(QueryChain, IsExportedWhole) {
  TakingSink sink;
  ask("SELECT '=1+1'", sink);
  const auto reader = *store->reader();
  for (const auto format : {requestlog::ExportFormat::csv, requestlog::ExportFormat::json_lines}) {
    auto exporter = *Exporter::open(*reader, {}, format);
    std::string text;
    while (exporter.next(text) == requestlog::ExportState::more) {
    }
    const bool csv = format == requestlog::ExportFormat::csv;
    EXPECT_EQ(std::ranges::count(text, '\n'), csv ? 7 : 6);
    EXPECT_THAT(text, HasSubstr("SELECT '=1+1'"));
    if (csv) continue;
    const auto line = boost::json::parse(text.substr(0, text.find('\n'))).as_object();
    EXPECT_EQ(line.at("id").as_string(), "1");
    EXPECT_EQ(line.at("outcome").as_string(), "success");
    EXPECT_EQ(line.at("hash").as_string().size(), 64u);
  }
}

}  // namespace
}  // namespace punctual::queryaudit
