// What the record of a query costs, and how long a query runs on after Stop, for who asks:
// --gtest_also_run_disabled_tests --gtest_filter='*QueryFigures*'
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <thread>

#include "queryaudit/queryaudit_testing.hpp"

namespace punctual::queryaudit {
namespace {

double milliseconds_of(deadline::Duration duration) {
  return deadline::seconds(duration) * 1000;
}

void tell(const char* what, std::vector<double> values) {
  std::ranges::sort(values);
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  std::printf("%-44s mean %7.2f  median %7.2f  largest %7.2f ms (%zu)\n", what, mean,
              values[values.size() / 2], values.back(), values.size());
}

class QueryFigures : public QueryAuditTest {
 protected:
  // The server of the tests as a data source, by a role that may only read.
  std::shared_ptr<datasource::Source> postgresql_source() const {
    auto made = std::make_shared<datasource::Source>();
    made->id = "data_2";
    made->kind = datasource::Kind::postgresql;
    made->tls = datasource::Tls::disable;
    made->user = role;
    const auto target = *storage::PostgresqlTarget::parse(storage::FreshDatabase::server());
    for (const auto& [key, value] : target.parameters()) {
      if (key == "host") made->host = value;
      if (key == "port") made->port = std::stoi(value);
      if (key == "dbname") made->database = value;
    }
    return made;
  }
  static void measure_stop(const char* what, const datasource::Source& source) {
    std::vector<double> values;
    for (int i = 0; i < 30; ++i) {
      datasource::CancelToken cancel;
      deadline::Instant stopped;
      std::thread other([&] {
        storage::WakeEvent().wait_until(storage::now() + milliseconds(150));
        stopped = storage::now();
        cancel.cancel();
      });
      const auto ended = datasource::run(
          source,
          {datasource::Tool::query,
           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 0 FROM n) SELECT count(*) FROM n"},
          storage::now() + seconds(30), cancel, [](const datasource::Piece&) { return true; });
      const auto end = storage::now();
      other.join();
      EXPECT_EQ(ended.end, datasource::End::cancelled) << ended.error;
      values.push_back(milliseconds_of(end - stopped));
    }
    tell(what, values);
  }

  const std::string role = "punctual_figures";
};
INSTANTIATE_TEST_SUITE_P(, QueryFigures, storage::both_dialects, storage::dialect_name);

TEST_P(QueryFigures, DISABLED_CostOfARecord) {
  constexpr int count = 300;
  const datasource::Statement statement{datasource::Tool::query, "SELECT n FROM numbers"};
  std::vector<double> without;
  std::vector<double> with;
  for (int i = 0; i < count; ++i) {
    auto begun = storage::now();
    datasource::run(*source, statement, begun + seconds(30), token,
                    [](const datasource::Piece&) { return true; });
    without.push_back(milliseconds_of(storage::now() - begun));
    TakingSink sink;
    begun = storage::now();
    EXPECT_EQ(ask(statement.text, sink).outcome, Outcome::success);
    with.push_back(milliseconds_of(storage::now() - begun));
  }
  tell("a query on SQLite, without a record", without);
  tell("the same with its record", with);
  const auto begun = storage::now();
  expect_whole(count);
  std::printf("%-44s %.1f us a record\n", "verified", milliseconds_of(storage::now() - begun) * 1000 / count);
}

TEST_P(QueryFigures, DISABLED_FromStopToTheEnd) {
  if (GetParam() == storage::Dialect::sqlite) return measure_stop("from Stop to the end, SQLite", *source);
  storage::FreshDatabase::administer("CREATE ROLE " + role + " LOGIN");
  const auto server = postgresql_source();
  measure_stop("from Stop to the end, PostgreSQL", *server);
  std::vector<double> whole;
  for (int i = 0; i < 100; ++i) {
    const auto begun = storage::now();
    EXPECT_EQ(datasource::run(*server, {datasource::Tool::query, "SELECT 1"}, begun + seconds(30), token,
                              [](const datasource::Piece&) { return true; })
                  .end,
              datasource::End::success);
    whole.push_back(milliseconds_of(storage::now() - begun));
  }
  tell("SELECT 1 on PostgreSQL, with all checks", whole);
  storage::FreshDatabase::administer("DROP ROLE " + role);
}

}  // namespace
}  // namespace punctual::queryaudit
