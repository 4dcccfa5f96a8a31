#include "storage/connection.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <thread>

#include "storage/database_testing.hpp"

namespace punctual::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Connections : public BothDatabases {
 protected:
  void SetUp() override {
    BothDatabases::SetUp();
    if (IsSkipped()) return;
    session = database->session();
    const bool sqlite = GetParam() == Dialect::sqlite;
    run(sqlite ? "CREATE TABLE things (id INTEGER PRIMARY KEY, number INTEGER, real REAL, text TEXT, bytes "
                 "BLOB) STRICT"
               : "CREATE TABLE things (id BIGINT PRIMARY KEY, number BIGINT, real DOUBLE PRECISION, text "
                 "TEXT, bytes BYTEA)");
    run("CREATE TABLE owners (name TEXT NOT NULL UNIQUE, size " + std::string(sqlite ? "INTEGER" : "BIGINT") +
        " CONSTRAINT owners_size CHECK (size > 0), thing " + (sqlite ? "INTEGER" : "BIGINT") +
        " REFERENCES things (id), UNIQUE (size, thing))");
  }
  void run(const std::string& sql) {
    const auto done = session->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::int64_t count() { return session->execute("SELECT count(*) FROM things")->front().integer(0); }

  std::unique_ptr<Session> session;
};
INSTANTIATE_TEST_SUITE_P(, Connections, both_dialects, dialect_name);

TEST_P(Connections, KeepValuesOfAllTypes) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte)
    all_bytes.push_back(static_cast<char>(byte));
  const std::vector<std::vector<Value>> rows = {
      {1, 0, 0.0, "", Blob()},
      {2, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<double>::max(),
       "héllo 世界 🙂 '\"\\$1\n", blob_of(all_bytes)},
      {3, std::numeric_limits<std::int64_t>::min(), 0.1, "x", blob_of({"\0", 1})},
      {4, Value(), Value(), Value(), Value()},
      {5, -1, -std::numeric_limits<double>::infinity(), std::string(100'000, 'y'), Blob(100'000)},
  };
  for (const auto& row : rows) {
    const auto done = session->execute("INSERT INTO things VALUES ($1, $2, $3, $4, $5)", row);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->changed(), 1);
  }
  const auto found = session->execute("SELECT * FROM things ORDER BY id");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < 5; ++column)
      EXPECT_EQ((*found)[row].value(column), rows[row][column]) << row << " " << column;
  }
  EXPECT_TRUE((*found)[3].is_null(1));
  EXPECT_EQ((*found)[3].optional_text(3), std::nullopt);
  EXPECT_EQ((*found)[3].text(3), "");
  EXPECT_EQ((*found)[1].optional_integer(1), std::numeric_limits<std::int64_t>::max());
}

TEST_P(Connections, GiveParametersBackAsWhatTheyWere) {
  const auto row = session->execute("SELECT $1, $2, $1, $3, $4", {7, "seven", 0.5, blob_of("b")});
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(row->front().integer(0), 7);
  EXPECT_EQ(row->front().text(1), "seven");
  EXPECT_EQ(row->front().integer(2), 7);
  EXPECT_EQ(row->front().real(3), 0.5);
  EXPECT_EQ(row->front().blob(4), blob_of("b"));
}

TEST_P(Connections, FilterByParametersThatMayBeNull) {
  run("INSERT INTO things (id, number) VALUES (1, 10), (2, 20)");
  const std::string sql =
      "SELECT id FROM things WHERE (CAST($1 AS BIGINT) IS NULL OR number > $1) AND (CAST($2 AS TEXT) IS NULL "
      "OR text = $2)";
  const std::vector<std::pair<std::vector<Value>, std::size_t>> expected = {
      {{Value(), Value()}, 2}, {{15, Value()}, 1}, {{15, "none"}, 0}, {{Value(), "none"}, 0}};
  for (const auto& [parameters, count] : expected) {
    const auto rows = session->execute(sql, parameters);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->size(), count);
  }
}

TEST_P(Connections, CountAndSumAreIntegers) {
  run("INSERT INTO things (id, number) VALUES (1, 10), (2, 20)");
  const auto row = session->execute("SELECT count(*), sum(number), max(number), avg(number) FROM things");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->front().integer(0), 2);
  EXPECT_EQ(row->front().integer(1), 30);
  EXPECT_EQ(row->front().integer(2), 20);
  EXPECT_EQ(row->front().real(3), 15);
  EXPECT_EQ(session->execute("UPDATE things SET number = 1")->changed(), 2);
  EXPECT_EQ(session->execute("DELETE FROM things WHERE id = 9")->changed(), 0);
  const auto returned = session->execute("INSERT INTO things (id) VALUES (77) RETURNING id");
  EXPECT_EQ(returned->front().integer(0), 77);
}

TEST_P(Connections, RefuseWhatOneOfThemCannotKeep) {
  for (const Value& value : {Value(std::string("a\0b", 3)), Value("\xff"), Value(std::nan(""))}) {
    const auto done = session->execute("SELECT $1", {value});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::refused);
  }
}

TEST_P(Connections, NameTheConstraintThatIsViolated) {
  run("INSERT INTO things (id) VALUES (1)");
  run("INSERT INTO owners VALUES ('anna', 1, 1)");
  const std::vector<std::pair<std::string, std::string>> violations = {
      {"INSERT INTO things (id) VALUES (1)", "things.id"},
      {"INSERT INTO owners VALUES ('anna', 2, 1)", "owners.name"},
      {"INSERT INTO owners VALUES ('otto', 1, 1)", "owners.size, owners.thing"},
      {"INSERT INTO owners VALUES ('otto', 0, 1)", "owners_size"},
      {"INSERT INTO owners VALUES ('otto', 3, 99)", "foreign key"},
      {"INSERT INTO owners VALUES (NULL, 3, 1)", "owners.name"},
  };
  for (const auto& [sql, constraint] : violations) {
    const auto done = session->execute(sql);
    ASSERT_FALSE(done) << sql;
    EXPECT_EQ(done.error().kind, ErrorKind::constraint) << sql;
    EXPECT_EQ(done.error().constraint, constraint);
    EXPECT_THAT(done.error().message, ::testing::Not(HasSubstr("anna")));
  }
}

TEST_P(Connections, TellMistakesInSqlFromTheRest) {
  for (const char* sql : {"SELEC 1", "SELECT * FROM nowhere", "SELECT $1"}) {
    const auto done = session->execute(sql);
    ASSERT_FALSE(done) << sql;
    EXPECT_EQ(done.error().kind, ErrorKind::internal) << sql;
  }
  EXPECT_TRUE(session->execute("SELECT 1"));
}

TEST_P(Connections, RunABatchWholeOrNotAtAll) {
  const std::string sql = "INSERT INTO things (id, number, text) VALUES ($1, $2, $3)";
  std::vector<std::vector<Value>> rows;
  rows.reserve(3000);
  for (std::int64_t id = 0; id < 3000; ++id)
    rows.push_back({id, id % 3 == 0 ? Value() : Value(id), std::string(200, 'x')});
  const auto changed = session->execute_batch(sql, rows);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(*changed, 3000);
  EXPECT_EQ(session->execute_batch(sql, {}).value(), 0);
  for (auto& row : rows)
    row[0] = std::get<std::int64_t>(row[0]) + 3000;
  rows[2000][0] = 1;
  const auto failed = session->execute_batch(sql, rows);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().constraint, "things.id");
  EXPECT_EQ(count(), 3000);
}

TEST_P(Connections, InsertManyRowsOrNone) {
  const auto rows_of = [](std::int64_t first, std::int64_t rows) {
    std::vector<std::vector<Value>> all;
    for (std::int64_t id = first; id < first + rows; ++id)
      all.push_back({id, id % 3 == 0 ? Value() : Value(id), "row " + std::to_string(id)});
    return all;
  };
  const std::string into = "things (id, number, text)";
  EXPECT_EQ(session->insert(into, {}).value(), 0);
  for (const std::int64_t rows : {1, 16, 15, 17, 100})
    EXPECT_EQ(session->insert(into, rows_of(1000 * rows, rows)).value(), rows);
  EXPECT_EQ(count(), 149);
  for (const std::int64_t id : {1000, 16'015, 17'016, 100'099})
    EXPECT_EQ(session->execute("SELECT text FROM things WHERE id = $1", {id})->front().text(0),
              "row " + std::to_string(id));

  auto twice = rows_of(1, 40);
  twice[35][0] = 1000;
  const auto failed = session->insert(into, twice);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().constraint, "things.id");
  auto uneven = rows_of(1, 40);
  uneven[20].pop_back();
  EXPECT_FALSE(session->insert(into, uneven));
  EXPECT_EQ(count(), 149);
}

TEST_P(Connections, RunABatchInATransaction) {
  ASSERT_TRUE(session->begin());
  const std::vector<std::vector<Value>> rows = {{1}, {2}};
  const auto done = session->execute_batch("INSERT INTO things (id) VALUES ($1)", rows);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(count(), 2);
  ASSERT_TRUE(session->rollback());
  EXPECT_EQ(count(), 0);
}

TEST_P(Connections, CannotGoOnAfterAnErrorInATransaction) {
  ASSERT_TRUE(session->begin());
  run("INSERT INTO things (id) VALUES (1)");
  EXPECT_FALSE(session->execute("INSERT INTO things (id) VALUES (1)"));
  EXPECT_FALSE(session->execute("INSERT INTO things (id) VALUES (2)"));
  EXPECT_FALSE(session->commit());
  ASSERT_TRUE(session->rollback());
  EXPECT_EQ(count(), 0);
}

TEST_P(Connections, KeepManyStatementsApart) {
  for (std::int64_t round = 0; round < 2; ++round) {
    for (std::int64_t i = 0; i < 200; ++i) {
      const auto row = session->execute("SELECT $1 + " + std::to_string(i), {1});
      ASSERT_TRUE(row) << row.error().message;
      EXPECT_EQ(row->front().integer(0), i + 1);
    }
  }
}

TEST_P(Connections, EndAnEndlessStatementAtItsDeadline) {
  const auto deadline = now() + milliseconds(100);
  session->set_deadline(deadline);
  const auto done = session->execute(endless);
  const auto late = now() - deadline;
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::interrupted) << done.error().message;
  EXPECT_THAT(done.error().message, HasSubstr("longer"));
  EXPECT_GE(late.count(), 0);
  EXPECT_LT(late, seconds(2));
  EXPECT_FALSE(session->execute("SELECT 1"));
  session->set_deadline(std::nullopt);
  EXPECT_TRUE(session->execute("SELECT 1"));
}

TEST_P(Connections, AreInterruptedByAnotherThread) {
  session->interrupt();  // nothing runs: nothing happens
  std::atomic<bool> ended = false;
  std::thread other([&] {
    while (!ended) {
      ::poll(nullptr, 0, 5);
      session->interrupt();
    }
  });
  const auto done = session->execute(endless);
  ended = true;
  other.join();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::interrupted);
  EXPECT_THAT(done.error().message, HasSubstr("cancelled"));
  EXPECT_TRUE(session->execute("SELECT 1"));
}

}  // namespace
}  // namespace punctual::storage
