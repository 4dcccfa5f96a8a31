#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <thread>

#include "datasource/datasource_testing.hpp"
#include "storage/database_testing.hpp"

namespace punctual::datasource {
namespace {

using storage::FreshDatabase;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Statements one after the other, with every right.
void administer(const std::string& statements) {
  for (std::size_t at = 0; at < statements.size();) {
    const auto end = std::min(statements.find("; ", at), statements.size());
    FreshDatabase::administer(statements.substr(at, end - at));
    at = end + 2;
  }
}

// A role that may only read, as docs/data-sources.md makes it, and a schema for it.
class PostgresqlSource : public testing::Test {
 protected:
  void SetUp() override {
    if (!FreshDatabase::server()) GTEST_SKIP() << "PUNCTUAL_TEST_POSTGRES does not name a server";
    static int count = 0;
    name = "punctual_chat_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    const auto target = *storage::PostgresqlTarget::parse(FreshDatabase::server());
    for (const auto& [key, value] : target.parameters()) {
      if (key == "host") source.host = value;
      if (key == "port") source.port = std::stoi(value);
      if (key == "dbname") source.database = value;
    }
    source.kind = Kind::postgresql;
    source.name = "test";
    source.user = name;
    source.tls = Tls::disable;
    for (const auto& sql : std::vector<std::string>{
             "CREATE ROLE " + name + " LOGIN", "CREATE SCHEMA " + name,
             "GRANT USAGE ON SCHEMA " + name + " TO " + name,
             "CREATE TABLE " + name +
                 ".orders (id bigint PRIMARY KEY, item text NOT NULL, price numeric DEFAULT 1.5, paid "
                 "boolean, note bytea)",
             "INSERT INTO " + name +
                 ".orders VALUES (1, 'pen', 2.25, true, '\\x00ff'), (2, 'caf\u00e9', 10, NULL, NULL)",
             "CREATE TABLE " + name + ".many AS SELECT n FROM generate_series(1, 5000) AS n",
             "CREATE SEQUENCE " + name + ".numbers",
             "CREATE FUNCTION " + name + ".bump() RETURNS bigint LANGUAGE sql AS 'SELECT nextval(''" + name +
                 ".numbers'')'",
             "CREATE FUNCTION " + name +
                 ".writes() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DELETE FROM " + name +
                 ".orders; RETURN 1; END'",
             "CREATE FUNCTION " + name +
                 ".says_stable() RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER AS 'BEGIN DELETE "
                 "FROM " +
                 name + ".orders; RETURN 1; END'",
             "GRANT SELECT ON ALL TABLES IN SCHEMA " + name + " TO " + name,
             "ALTER ROLE " + name + " SET search_path = " + name})
      FreshDatabase::administer(sql);
  }
  void TearDown() override {
    if (name.empty()) return;
    FreshDatabase::administer("DROP SCHEMA " + name + " CASCADE");
    FreshDatabase::administer("DROP OWNED BY " + name);
    FreshDatabase::administer("DROP ROLE " + name);
  }

  Taken ask(const std::string& text, Tool tool = Tool::query, deadline::Duration limit = seconds(30)) const {
    Taken taken;
    const auto begun = storage::now();
    taken.ended = run(source, {tool, text}, begun + limit, token, [&](const Piece& piece) {
      if (!piece.columns.empty()) taken.columns = piece.columns;
      taken.rows.insert(taken.rows.end(), piece.rows.begin(), piece.rows.end());
      ++taken.pieces;
      return true;
    });
    taken.duration = storage::now() - begun;
    return taken;
  }
  void expect(End end, const std::string& sql, const std::string& error = "") const {
    const auto taken = ask(sql);
    EXPECT_EQ(name_of(taken.ended.end), name_of(end)) << sql << ": " << taken.ended.error;
    EXPECT_THAT(taken.ended.error, HasSubstr(error)) << sql;
    if (end == End::refused) EXPECT_THAT(taken.rows, SizeIs(0)) << sql;
  }
  // Of one number, with every right.
  std::int64_t number(const std::string& sql) const {
    const auto target = *storage::PostgresqlTarget::parse(FreshDatabase::server());
    auto session = *storage::PostgresqlConnection::open(target, storage::PostgresqlConnection::Use::writer,
                                                        storage::now() + seconds(20));
    const auto rows = session->execute(sql);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? rows->front().integer(0) : -1;
  }
  std::int64_t running() const {
    return number("SELECT count(*) FROM pg_stat_activity WHERE usename = '" + name +
                  "' AND state = 'active'");
  }

  std::string name;
  Source source;
  CancelToken token;
};

TEST_F(PostgresqlSource, GivesRowsAsJson) {
  const auto taken =
      ask("SELECT id, item, price, paid, note, NULL AS none, 9007199254740993 AS big, 'NaN'::float8 AS nan,"
          " '{\"a\":1}'::json AS document FROM orders ORDER BY id;");
  EXPECT_EQ(taken.ended.end, End::success) << taken.ended.error;
  EXPECT_EQ(taken.columns, R"(["id","item","price","paid","note","none","big","nan","document"])");
  EXPECT_THAT(
      taken.rows,
      ElementsAre(R"([1,"pen",2.25,true,"\\x00ff",null,"9007199254740993","NaN","{\"a\":1}"])",
                  "[2,\"caf\u00e9\",10,null,null,null,\"9007199254740993\",\"NaN\",\"{\\\"a\\\":1}\"]"));
  EXPECT_EQ(ask("SELECT id FROM orders WHERE false").columns, R"(["id"])");
}

TEST_F(PostgresqlSource, TellsOfItsTablesAndTheirColumns) {
  const auto tables = ask("", Tool::list_tables);
  EXPECT_EQ(tables.ended.end, End::success) << tables.ended.error;
  ASSERT_THAT(tables.rows, SizeIs(2));
  EXPECT_THAT(tables.rows[1], HasSubstr("[\"" + name + "\",\"orders\",\"table\""));
  for (const auto& table : {std::string("orders"), name + ".orders"}) {
    const auto columns = ask(table, Tool::describe_table);
    ASSERT_THAT(columns.rows, SizeIs(5)) << columns.ended.error;
    EXPECT_EQ(columns.rows[0], R"x(["id","bigint","no",null,"PRIMARY KEY (id)",null])x");
  }
  EXPECT_THAT(ask("nothing", Tool::describe_table).ended.error, HasSubstr("list_tables"));
}

TEST_F(PostgresqlSource, ReadsWhatAModelAsksFor) {
  for (const auto* sql :
       {"SELECT count(*), sum(price), string_agg(item, ',') FROM orders", "VALUES (1), (2)", "TABLE orders",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n",
        "SELECT a.*, b.* FROM orders a JOIN orders b ON a.id = b.id",
        "SELECT now(), random(), gen_random_uuid(), clock_timestamp()",
        "SELECT row_number() OVER (ORDER BY price) FROM orders",
        "SELECT pg_size_pretty(pg_total_relation_size('orders'))", "/* a comment */ SELECT 1 -- and another",
        "SELECT 1 ; ;", "(SELECT 1) UNION (SELECT 2)", "SELECT (1, 2)",
        "SELECT item FROM orders ORDER BY id DESC", "SELECT * FROM information_schema.tables LIMIT 1"}) {
    expect(End::success, sql);
  }
  EXPECT_EQ(ask("SELECT n FROM many").ended.rows, 1000u);
}

TEST_F(PostgresqlSource, NothingIsWritten) {
  for (const auto& sql : std::vector<std::string>{
           "INSERT INTO orders VALUES (9, 'x')",
           "INSERT INTO orders VALUES (9, 'x') RETURNING id",
           "UPDATE orders SET price = 0",
           "DELETE FROM orders",
           "TRUNCATE orders",
           "DROP TABLE orders",
           "MERGE INTO orders o USING many m ON o.id = m.n WHEN MATCHED THEN DELETE",
           "WITH x AS (INSERT INTO orders VALUES (9, 'x') RETURNING id) SELECT * FROM x",
           "WITH x AS (DELETE FROM orders RETURNING id) SELECT * FROM x",
           "SELECT * FROM (WITH x AS (DELETE FROM orders RETURNING id) SELECT * FROM x) y",
           "SELECT * INTO copied FROM orders",
           "CREATE TABLE t AS SELECT 1",
           "CREATE TEMP TABLE t (a int)",
           "SELECT * FROM orders FOR UPDATE",
           "EXPLAIN ANALYZE INSERT INTO orders VALUES (9, 'x')",
           "EXPLAIN SELECT 1",
           "COPY orders TO STDOUT",
           "COPY orders FROM STDIN",
           "COPY orders TO PROGRAM 'cat'",
           "COPY (SELECT 1) TO '/tmp/punctual_x'",
           "DO $$ BEGIN DELETE FROM orders; END $$",
           "CALL something()",
           "LOCK TABLE orders",
           "VACUUM",
           "LISTEN a",
           "NOTIFY a",
           "SET statement_timeout = 0",
           "SET ROLE postgres",
           "RESET ALL",
           "SHOW all",
           "PREPARE p AS SELECT 1",
           "EXECUTE asked",
           "DECLARE c CURSOR FOR SELECT 1",
           "FETCH 1 FROM asked",
           "BEGIN",
           "COMMIT",
           "ROLLBACK",
           "SAVEPOINT s",
           "SET TRANSACTION READ WRITE",
           "DISCARD ALL",
           "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
           "GRANT ALL ON orders TO PUBLIC",
           "ALTER ROLE CURRENT_USER SUPERUSER",
           "REFRESH MATERIALIZED VIEW v",
           "CLUSTER",
           "CHECKPOINT"}) {
    const auto taken = ask(sql);
    EXPECT_THAT(taken.ended.end, AnyOf(End::refused, End::failed)) << sql;
    EXPECT_THAT(taken.rows, SizeIs(0)) << sql;
  }
  for (const auto* sql :
       {"DELETE FROM orders", "DROP TABLE orders", "SELECT * INTO copied FROM orders",
        "MERGE INTO orders o USING many m ON o.id = m.n WHEN MATCHED THEN DELETE", "SHOW all",
        "EXPLAIN SELECT 1", "WITH x AS (DELETE FROM orders RETURNING id) SELECT * FROM x",
        "SELECT * FROM orders FOR UPDATE", "DO $$ BEGIN END $$", "COPY orders TO PROGRAM 'cat'"})
    expect(End::refused, sql);
  EXPECT_EQ(number("SELECT count(*) FROM " + name + ".orders"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM pg_class WHERE relname IN ('punctual_check', 'copied')"), 0);
}

TEST_F(PostgresqlSource, FunctionsWithSideEffectsAreRefused) {
  const auto begun = storage::now();
  for (const auto* sql : {"SELECT pg_sleep(60)",
                          "SELECT 1 FROM orders WHERE pg_sleep(60) IS NULL",
                          "SELECT 1 LIMIT length(pg_sleep(60)::text) + 1",
                          "SELECT * FROM (VALUES (pg_sleep(60)::text)) v",
                          "SELECT CASE WHEN true THEN (SELECT pg_sleep(60)::text) END",
                          "SELECT * FROM pg_sleep(60)",
                          "SELECT count(*) FROM orders GROUP BY pg_sleep(60)::text",
                          "SELECT rank() OVER (ORDER BY pg_sleep(60)::text) FROM orders",
                          "SELECT pg_catalog.\"pg_sleep\"(60)",
                          "WITH x AS MATERIALIZED (SELECT pg_sleep(60)) SELECT 1 FROM x",
                          "SELECT 1 ORDER BY pg_sleep(60)::text",
                          "SELECT set_config('statement_timeout', '0', false)",
                          "SELECT set_config('transaction_read_only', 'off', true)",
                          "SELECT set_config('role', 'postgres', false)",
                          "SELECT pg_terminate_backend(pg_backend_pid())",
                          "SELECT pg_cancel_backend(1)",
                          "SELECT pg_advisory_lock(1)",
                          "SELECT pg_try_advisory_lock(1)",
                          "SELECT pg_advisory_xact_lock(1)",
                          "SELECT nextval('numbers')",
                          "SELECT setval('numbers', 5)",
                          "SELECT bump()",
                          "SELECT writes()",
                          "SELECT pg_notify('a', 'b')",
                          "SELECT lo_import('/etc/passwd')",
                          "SELECT lo_export(1, '/tmp/x')",
                          "SELECT lo_create(0)",
                          "SELECT lo_from_bytea(0, 'x')",
                          "SELECT pg_read_file('/etc/passwd')",
                          "SELECT pg_ls_dir('/')",
                          "SELECT query_to_xml('SELECT pg_sleep(60)', true, true, '')",
                          "SELECT * FROM ts_stat('SELECT pg_sleep(60)::text::tsvector')",
                          "SELECT pg_logical_emit_message(false, 'a', 'b')",
                          "SELECT pg_reload_conf()",
                          "SELECT pg_export_snapshot()",
                          "SELECT /* pg_sleep */ PG_SLEEP(60)",
                          "SELECT U&\"pg\\005fsleep\"(60)"}) {
    expect(End::refused, sql, "may do more");
  }
  // What only says that it is stable is kept to reading by the server.
  const auto stable = ask("SELECT says_stable()");
  EXPECT_NE(stable.ended.end, End::success);
  EXPECT_EQ(number("SELECT count(*) FROM " + name + ".orders"), 2);
  EXPECT_EQ(number("SELECT last_value FROM " + name + ".numbers"), 1);
  EXPECT_LT(storage::now() - begun, seconds(50));
}

TEST_F(PostgresqlSource, OneStatementOnly) {
  for (const auto* sql : {"SELECT 1; SELECT 2", "SELECT 1; DROP TABLE orders",
                          "SELECT 1;/**/DELETE FROM orders", "SELECT 1;\n--\nDELETE FROM orders"})
    expect(End::refused, sql, "one statement");
  for (const auto* sql :
       {"SELECT 1) AS q; DROP TABLE orders; --", "SELECT 1) AS q, (SELECT 2", "SELECT 1 /*", "SELECT 'x",
        "SELECT $1", "SELECT weight FROM orders", "SELECT $$x", "nonsense", "-- nothing"}) {
    const auto taken = ask(sql);
    EXPECT_THAT(taken.ended.end, AnyOf(End::failed, End::refused)) << sql;
    EXPECT_FALSE(taken.ended.error.empty()) << sql;
  }
  expect(End::refused, std::string("SELECT 1\0; DROP TABLE orders", 29), "NUL");
  expect(End::failed, "SELECT weight FROM orders", "weight");
  expect(End::refused, "SELECT * FROM pg_authid", "permission denied");
  expect(End::refused, "SELECT 1; -- and a comment", "semicolon");
}

TEST_F(PostgresqlSource, BoundsAreKeptAndSaid) {
  source.bounds = {.rows_max = 300, .bytes_max = 1 << 20, .cell_bytes_max = 100};
  const auto rows = ask("SELECT n FROM many");
  EXPECT_EQ(rows.ended.rows, 300u);
  EXPECT_TRUE(rows.ended.truncated);
  EXPECT_FALSE(ask("SELECT n FROM many LIMIT 300").ended.truncated);
  EXPECT_EQ(ask("SELECT n FROM many LIMIT 200").ended.rows, 200u);
  const auto cell = ask("SELECT repeat('\u00e9', 1000), repeat('x', 100)");
  EXPECT_TRUE(cell.ended.truncated);
  ASSERT_THAT(cell.rows, SizeIs(1));
  EXPECT_THAT(cell.rows[0], HasSubstr("\u00e9\u2026[2000 bytes]\",\"xxx"));
  source.bounds.bytes_max = 1024;
  const auto bytes = ask("SELECT n, repeat('x', 50) FROM many");
  EXPECT_TRUE(bytes.ended.truncated);
  EXPECT_LE(bytes.ended.bytes, 1024u);
  const auto large = ask("SELECT repeat('x', 100000000)");
  ASSERT_THAT(large.rows, SizeIs(1)) << large.ended.error;
  EXPECT_THAT(large.rows[0], HasSubstr("\u2026[100000000 bytes]"));
  EXPECT_THAT(ask("SELECT n FROM many ORDER BY n DESC LIMIT 3").rows,
              ElementsAre("[5000]", "[4999]", "[4998]"));
}

TEST_F(PostgresqlSource, EndlessQueriesEndInTheServerToo) {
  const std::string endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 0 FROM n) SELECT count(*) FROM n";
  const auto taken = ask(endless, Tool::query, milliseconds(300));
  EXPECT_EQ(taken.ended.end, End::timeout) << taken.ended.error;
  EXPECT_LT(taken.duration, seconds(2));
  EXPECT_EQ(running(), 0);
  source.query_seconds = 0.3;
  const auto own = ask(endless);
  EXPECT_EQ(own.ended.end, End::timeout);
  EXPECT_TRUE(own.ended.by_query_seconds);
}

TEST_F(PostgresqlSource, ACancelFromAnotherThreadEndsItInTheServer) {
  deadline::Instant cancelled_at;
  CancelToken cancel;
  std::thread other([&] {
    EXPECT_TRUE(storage::eventually([&] { return running() == 1; }));
    cancelled_at = storage::now();
    cancel.cancel();
  });
  const auto ended = run(
      source,
      {Tool::query, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 0 FROM n) SELECT count(*) FROM n"},
      storage::now() + seconds(30), cancel, [](const Piece&) { return true; });
  const auto ended_at = storage::now();
  other.join();
  EXPECT_EQ(ended.end, End::cancelled) << ended.error;
  EXPECT_LT(ended_at - cancelled_at, seconds(1));
  EXPECT_EQ(running(), 0);
}

TEST_F(PostgresqlSource, ARoleThatMayMoreIsRefusedWithTheRemedy) {
  const auto refused_after = [&](const std::string& sql, const std::string& remedy, const std::string& undo) {
    administer(sql);
    const auto taken = ask("SELECT 1");
    EXPECT_EQ(taken.ended.end, End::refused) << sql;
    EXPECT_THAT(taken.ended.error, HasSubstr(remedy)) << sql;
    administer(undo);
    EXPECT_EQ(ask("SELECT 1").ended.end, End::success) << undo;
  };
  const std::string role = "ALTER ROLE " + name + " ";
  refused_after(role + "SUPERUSER", "is a superuser", role + "NOSUPERUSER");
  refused_after(role + "REPLICATION", "NOREPLICATION", role + "NOREPLICATION");
  refused_after(role + "CREATEROLE", "NOCREATEROLE", role + "NOCREATEROLE");
  refused_after(role + "CREATEDB", "NOCREATEDB", role + "NOCREATEDB");
  for (const std::string power : {"pg_write_server_files", "pg_read_server_files",
                                  "pg_execute_server_program", "pg_write_all_data", "pg_signal_backend"})
    refused_after("GRANT " + power + " TO " + name, "REVOKE " + power + " FROM " + name,
                  "REVOKE " + power + " FROM " + name);
  const std::string orders = name + ".orders";
  for (const std::string right : {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "INSERT (item)", "UPDATE (item)"})
    refused_after("GRANT " + right + " ON " + orders + " TO " + name, "ON " + orders + " FROM " + name,
                  "REVOKE " + right + " ON " + orders + " FROM " + name);
  refused_after("GRANT DELETE ON " + orders + " TO PUBLIC", "PUBLIC",
                "REVOKE DELETE ON " + orders + " FROM PUBLIC");
  refused_after(
      "ALTER TABLE " + orders + " OWNER TO " + name, "owns " + orders,
      "ALTER TABLE " + orders + " OWNER TO CURRENT_USER; GRANT SELECT ON " + orders + " TO " + name);
  refused_after("GRANT CREATE ON SCHEMA " + name + " TO " + name, "REVOKE CREATE ON SCHEMA " + name,
                "REVOKE CREATE ON SCHEMA " + name + " FROM " + name);
  refused_after("GRANT USAGE ON SEQUENCE " + name + ".numbers TO " + name, "SEQUENCE " + name + ".numbers",
                "REVOKE USAGE ON SEQUENCE " + name + ".numbers FROM " + name);
  refused_after("GRANT EXECUTE ON FUNCTION lo_import(text) TO " + name, "lo_import",
                "REVOKE EXECUTE ON FUNCTION lo_import(text) FROM " + name);
  refused_after("GRANT EXECUTE ON FUNCTION pg_read_file(text) TO " + name, "pg_read_file",
                "REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM " + name);
  // A role that it may become, without having its rights.
  administer("CREATE ROLE " + name + "_writer");
  administer("GRANT DELETE ON " + orders + " TO " + name + "_writer");
  refused_after("ALTER ROLE " + name + " NOINHERIT; GRANT " + name + "_writer TO " + name, name + "_writer",
                "REVOKE " + name + "_writer FROM " + name);
  administer("DROP OWNED BY " + name + "_writer; DROP ROLE " + name + "_writer");
}

TEST_F(PostgresqlSource, IsExamined) {
  auto examined = examine(source, storage::now() + seconds(10), token);
  EXPECT_TRUE(examined.ok) << examined.problem;
  EXPECT_EQ(examined.tables, 2u);
  EXPECT_THAT(examined.server, HasSubstr("PostgreSQL 1"));
  source.user = "nobody_of_this_name";
  examined = examine(source, storage::now() + seconds(10), token);
  EXPECT_FALSE(examined.ok);
  EXPECT_THAT(examined.problem, HasSubstr("nobody_of_this_name"));
  source.host = "/nonexistent";
  EXPECT_THAT(examine(source, storage::now() + seconds(10), token).problem, HasSubstr("/nonexistent"));
}

}  // namespace
}  // namespace punctual::datasource
