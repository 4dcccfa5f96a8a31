#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "datasource/datasource_testing.hpp"

namespace punctual::datasource {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SqliteSource : public DataSourceTest {
 protected:
  void expect(End end, const std::string& sql, const std::string& error = "") const {
    const auto taken = ask(sql);
    EXPECT_EQ(name_of(taken.ended.end), name_of(end)) << sql << ": " << taken.ended.error;
    EXPECT_THAT(taken.ended.error, HasSubstr(error)) << sql;
    if (end == End::refused) EXPECT_THAT(taken.rows, SizeIs(0)) << sql;
  }
  std::string bytes_of_file() const {
    std::ifstream file(source.file, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(SqliteSource, GivesRowsAsJson) {
  const auto taken =
      ask("SELECT id, item, price, note, NULL AS none, 9007199254740993 AS big FROM orders ORDER BY id;");
  EXPECT_EQ(taken.ended.end, End::success) << taken.ended.error;
  EXPECT_EQ(taken.columns, R"(["id","item","price","note","none","big"])");
  EXPECT_THAT(taken.rows, ElementsAre(R"([1,"pen",2.25,"x'00ff'",null,"9007199254740993"])",
                                      "[2,\"caf\u00e9\",10,null,null,\"9007199254740993\"]",
                                      R"([3,"",1e+300,"x",null,"9007199254740993"])"));
  ASSERT_EQ(taken.ended.rows, 3u);
  EXPECT_EQ(taken.ended.bytes, taken.rows[0].size() + taken.rows[1].size() + taken.rows[2].size());
  EXPECT_FALSE(taken.ended.truncated);
}

TEST_F(SqliteSource, TellsOfItsTablesAndTheirColumns) {
  EXPECT_THAT(ask("", Tool::list_tables).rows,
              ElementsAre(R"(["cheap","view"])", R"(["many","table"])", R"(["orders","table"])"));
  const auto columns = ask("orders", Tool::describe_table);
  EXPECT_EQ(columns.columns, R"(["column","type","nullable","default","key"])");
  EXPECT_THAT(columns.rows,
              ElementsAre(R"(["id","INTEGER","yes",null,"primary key 1"])", R"(["item","TEXT","no",null,""])",
                          R"(["price","REAL","yes","1.5",""])", R"(["note","BLOB","yes",null,""])"));
  EXPECT_EQ(ask("main.\"orders\"", Tool::describe_table).rows.size(), 0u + 4);
  const auto none = ask("orders'); DROP TABLE orders; --", Tool::describe_table);
  EXPECT_EQ(none.ended.end, End::failed);
  EXPECT_THAT(none.ended.error, HasSubstr("list_tables"));
}

TEST_F(SqliteSource, ReadsWhatAModelAsksFor) {
  for (const auto* sql :
       {"SELECT count(*), sum(price), group_concat(item) FROM cheap",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n",
        "SELECT strftime('%Y', 'now'), json_extract('{\"a\":1}', '$.a'), '{\"a\":1}' ->> 'a'",
        "SELECT row_number() OVER (ORDER BY price) FROM orders", "VALUES (1), (2)",
        "EXPLAIN QUERY PLAN SELECT * FROM orders", "PRAGMA table_info(orders)",
        "SELECT * FROM pragma_table_info('orders')", "SELECT * FROM sqlite_schema",
        "SELECT instr('caf\u00e9s', 's'), replace('aXbX', 'X', '--'), trim('xxaxx', 'x')",
        "/* a comment */ SELECT 1 -- and another", "SELECT 1; -- the end", "SELECT 1 ; ;"}) {
    expect(End::success, sql);
  }
  EXPECT_THAT(
      ask("SELECT printf('%.2f %5d|%-3s|%%%.*c', 2.5, 7, 'a', 3, 'x'), format('%d'), printf(NULL)").rows,
      ElementsAre(R"(["2.50     7|a  |%xxx","0",null])"));
  EXPECT_THAT(ask("SELECT instr('caf\u00e9s', 's'), instr(x'0102', x'02'), replace('aXbX', 'X', '--'), "
                  "trim('xxaxx', 'x'),"
                  " ltrim('xya', 'yx'), rtrim('a\u00e9\u00e9', '\u00e9'), replace('a', '', 'b')")
                  .rows,
              ElementsAre(R"([5,2,"a--b--","a","a","a","a"])"));
}

TEST_F(SqliteSource, NothingIsWritten) {
  const auto before = bytes_of_file();
  const std::string other = (folder / "other.db").string();
  for (const auto& sql :
       std::vector<std::string>{"INSERT INTO orders (item) VALUES ('x')",
                                "UPDATE orders SET price = 0",
                                "DELETE FROM orders",
                                "REPLACE INTO orders (id, item) VALUES (1, 'x')",
                                "DROP TABLE orders",
                                "CREATE TABLE t (a)",
                                "CREATE TEMP TABLE t (a)",
                                "CREATE TEMP TABLE t AS SELECT * FROM orders",
                                "CREATE VIEW v AS SELECT 1",
                                "CREATE TRIGGER t AFTER INSERT ON orders BEGIN SELECT 1; END",
                                "CREATE VIRTUAL TABLE t USING fts5(a)",
                                "ALTER TABLE orders RENAME TO o",
                                "CREATE INDEX i ON orders (item)",
                                "REINDEX",
                                "ANALYZE",
                                "VACUUM",
                                "VACUUM INTO '" + other + "'",
                                "ATTACH '" + other + "' AS other",
                                "ATTACH ':memory:' AS other",
                                "DETACH main",
                                "BEGIN",
                                "BEGIN IMMEDIATE",
                                "COMMIT",
                                "ROLLBACK",
                                "SAVEPOINT s",
                                "RELEASE s",
                                "PRAGMA journal_mode = DELETE",
                                "PRAGMA journal_mode",
                                "PRAGMA user_version = 5",
                                "PRAGMA writable_schema = ON",
                                "PRAGMA query_only = OFF",
                                "PRAGMA temp_store_directory = '/tmp'",
                                "PRAGMA database_list",
                                "PRAGMA wal_checkpoint",
                                "PRAGMA incremental_vacuum",
                                "EXPLAIN INSERT INTO orders (item) VALUES ('x')",
                                "EXPLAIN QUERY PLAN DELETE FROM orders",
                                "INSERT INTO orders (item) VALUES ('x') RETURNING *",
                                "WITH x AS (SELECT 1) INSERT INTO orders (item) SELECT 'x' FROM x"}) {
    expect(End::refused, sql, "only");
  }
  for (const auto* sql : {"UPDATE sqlite_schema SET sql = ''", "DELETE FROM sqlite_master"})
    expect(End::failed, sql, "may not be modified");
  EXPECT_EQ(bytes_of_file(), before);
  EXPECT_FALSE(std::filesystem::exists(other));
  EXPECT_THAT(ask("SELECT count(*) FROM orders").rows, ElementsAre("[3]"));
}

TEST_F(SqliteSource, FunctionsThatDoMoreThanTellAreNotThere) {
  for (const auto* sql :
       {"SELECT load_extension('/tmp/x.so')", "SELECT fts3_tokenizer('simple')",
        "SELECT fts3_tokenizer('simple', x'00')", "SELECT json_patch('{}', '{}')",
        "SELECT sqlite_compileoption_get(1)", "SELECT last_insert_rowid()", "SELECT * FROM sqlite_dbpage"}) {
    const auto taken = ask(sql);
    EXPECT_NE(taken.ended.end, End::success) << sql;
    EXPECT_THAT(taken.rows, SizeIs(0)) << sql;
  }
  // Of the shell, and not of the library at all.
  for (const auto* sql :
       {"SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/x', 'y')", "SELECT edit('x')"})
    expect(End::failed, sql, "no such function");
  expect(End::refused, "SELECT load_extension('/tmp/x.so')", "load_extension");
}

TEST_F(SqliteSource, OneStatementOnly) {
  for (const auto* sql :
       {"SELECT 1; SELECT 2", "SELECT 1; DROP TABLE orders", "SELECT 1;/**/;DELETE FROM orders",
        "SELECT 1;\n--\nDELETE FROM orders", "SELECT 1; nonsense", ";SELECT 1;SELECT 2"}) {
    expect(End::refused, sql, "one statement");
  }
  expect(End::failed, "-- nothing", "no statement");
  expect(End::refused, "   ", "empty");
  expect(End::failed, "SELECT ?", "parameters");
  expect(End::failed, "SELECT :a", "parameters");
  expect(End::refused, std::string("SELECT 1\0; DROP TABLE orders", 29), "NUL");
  expect(End::refused, "SELECT '\xff'", "UTF-8");
  expect(End::refused, "SELECT '" + std::string(statement_bytes_max, 'x') + "'", "65536");
  expect(End::failed, "SELECT weight FROM orders", "no such column");
  expect(End::failed, "SELECT \"weight\" FROM orders", "no such column");
}

TEST_F(SqliteSource, BoundsAreKeptAndSaid) {
  source.bounds = {.rows_max = 100, .bytes_max = 1 << 20, .cell_bytes_max = 100};
  const auto rows = ask("SELECT n FROM many");
  EXPECT_EQ(rows.ended.end, End::success);
  EXPECT_EQ(rows.ended.rows, 100u);
  EXPECT_TRUE(rows.ended.truncated);
  const auto exact = ask("SELECT n FROM many LIMIT 100");
  EXPECT_EQ(exact.ended.rows, 100u);
  EXPECT_FALSE(exact.ended.truncated);
  const auto cell = ask("SELECT replace(hex(zeroblob(100)), '00', '\u00e9'), zeroblob(1000)");
  EXPECT_TRUE(cell.ended.truncated);
  ASSERT_THAT(cell.rows, SizeIs(1));
  EXPECT_THAT(cell.rows[0], HasSubstr("\u00e9\u2026[200 bytes]\""));
  EXPECT_THAT(cell.rows[0], HasSubstr("00'\u2026[1000 bytes]\""));
  source.bounds.bytes_max = 1024;
  const auto bytes = ask("SELECT n, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' FROM many");
  EXPECT_TRUE(bytes.ended.truncated);
  EXPECT_LE(bytes.ended.bytes, 1024u);
  EXPECT_GT(bytes.ended.bytes, 900u);
  EXPECT_EQ(bytes.ended.rows, bytes.rows.size());
}

TEST_F(SqliteSource, WhatIsTooLargeFails) {
  expect(End::failed, "SELECT zeroblob(1000000000)", "8 MiB");
  for (const auto* sql : {"SELECT printf('%.*c', 1000000000, 'x')", "SELECT printf('%1000000000d', 1)",
                          "SELECT format(replace(hex(zeroblob(400)), '00', '%.9999c'), 'x')"})
    expect(End::failed, sql, "widths");
  expect(End::failed, "SELECT randomblob(1000000000)", "8 MiB");
  expect(End::failed, "SELECT replace(hex(zeroblob(4000)), '0', hex(zeroblob(4000)))", "8 MiB");
  std::string wide = "SELECT 1";
  for (int i = 0; i < 20; ++i)
    wide += ", hex(zeroblob(4000000 + " + std::to_string(i) + "))";
  expect(End::failed, wide, "128 MiB");
  const std::string grow =
      "WITH RECURSIVE n(i, x) AS (SELECT 1, hex(zeroblob(500000)) UNION ALL SELECT i + 1, x || '' FROM n)";
  expect(End::failed, grow + " SELECT i FROM n ORDER BY x, i", "128 MiB");
  expect(End::failed, grow + " SELECT count(DISTINCT x || i) FROM n", "128 MiB");
  expect(End::failed, "SELECT 'x' LIKE hex(zeroblob(1000))", "LIKE");
  // What failed has given everything back.
  expect(End::success, "SELECT length(hex(zeroblob(4000000)))");
}

TEST_F(SqliteSource, EndlessQueriesEnd) {
  const std::string endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) ";
  for (const auto& sql : {endless + "SELECT count(*) FROM n", endless + "SELECT i FROM n WHERE i < 0",
                          std::string("SELECT count(*) FROM many a, many b, many c, many d")}) {
    const auto taken = ask(sql, Tool::query, milliseconds(100));
    EXPECT_EQ(taken.ended.end, End::timeout) << sql << taken.ended.error;
    EXPECT_FALSE(taken.ended.by_query_seconds);
    EXPECT_LT(taken.duration, seconds(2)) << sql;
  }
  source.query_seconds = 0.1;
  const auto taken = ask(endless + "SELECT count(*) FROM n");
  EXPECT_EQ(taken.ended.end, End::timeout);
  EXPECT_TRUE(taken.ended.by_query_seconds);
  EXPECT_THAT(taken.ended.error, HasSubstr("0.1 seconds"));
}

// Not where every comparison of bytes is looked at.
#ifdef __has_feature
constexpr bool times_mean_something = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool times_mean_something = true;
#endif

TEST_F(SqliteSource, WhatTakesLongInOneCallIsShort) {
  if (!times_mean_something) GTEST_SKIP();
  for (const auto* sql : {"SELECT instr(replace(hex(zeroblob(3000000)), '0', 'a'), "
                          "replace(hex(zeroblob(1500000)), '0', 'a') || 'b')",
                          "SELECT length(replace(hex(zeroblob(3000000)), replace(hex(zeroblob(1500000)), "
                          "'0', 'a') || 'b', 'c'))"}) {
    const auto taken = ask(sql, Tool::query, milliseconds(2000));
    EXPECT_LT(taken.duration, seconds(5)) << sql;
  }
  expect(End::failed, "SELECT trim('x', hex(zeroblob(1000)))", "100 bytes");
}

TEST_F(SqliteSource, ACancelFromAnotherThreadEndsIt) {
  std::thread other;
  deadline::Instant cancelled_at;
  CancelToken cancel;
  bool begun = false;
  const auto ended =
      run(source,
          {Tool::query, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"},
          storage::now() + seconds(30), cancel, [&](const Piece&) {
            if (!begun) {
              begun = true;
              other = std::thread([&] {
                cancelled_at = storage::now();
                cancel.cancel();
              });
              other.join();
            }
            return true;
          });
  EXPECT_EQ(ended.end, End::cancelled);
  EXPECT_LT(storage::now() - cancelled_at, seconds(1));
  // One that is cancelled before does not begin.
  EXPECT_EQ(run(source, {Tool::query, "SELECT 1"}, storage::now() + seconds(30), cancel,
                [](const Piece&) { return true; })
                .end,
            End::cancelled);
}

TEST_F(SqliteSource, ASinkThatWantsNoMoreEndsIt) {
  std::size_t pieces = 0;
  const auto ended = run(source, {Tool::query, "SELECT n FROM many"}, storage::now() + seconds(30), token,
                         [&](const Piece&) { return ++pieces < 2; });
  EXPECT_EQ(ended.end, End::cancelled);
  EXPECT_EQ(pieces, 2u);
  EXPECT_EQ(ended.rows, 200u) << "only what was taken counts";
}

TEST_F(SqliteSource, AFileThatIsNoneSaysSo) {
  source.file = (folder / "nothing.db").string();
  EXPECT_THAT(ask("SELECT 1").ended.error, HasSubstr("no file"));
  EXPECT_FALSE(std::filesystem::exists(source.file));
  source.file = (folder / "text").string();
  std::ofstream(source.file) << std::string(5000, 'x');
  EXPECT_THAT(ask("SELECT * FROM orders").ended.error, HasSubstr("no SQLite database"));
  source.file = folder.string();
  EXPECT_THAT(ask("SELECT 1").ended.error, HasSubstr("no file"));
}

TEST_F(SqliteSource, IsExamined) {
  auto examined = examine(source, storage::now() + seconds(5), token);
  EXPECT_TRUE(examined.ok) << examined.problem;
  EXPECT_EQ(examined.tables, 3u);
  EXPECT_THAT(examined.server, HasSubstr("SQLite 3."));
  source.file = "/nonexistent/a.db";
  examined = examine(source, storage::now() + seconds(5), token);
  EXPECT_FALSE(examined.ok);
  EXPECT_THAT(examined.problem, HasSubstr("/nonexistent/a.db"));
}

}  // namespace
}  // namespace punctual::datasource
