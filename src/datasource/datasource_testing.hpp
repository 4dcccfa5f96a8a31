// A SQLite file of a test's own to read from, and a sink that keeps what it was given. Tests only.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>
#include <vector>

#include "base/temporary_folder_testing.hpp"
#include "datasource/execution.hpp"
#include "storage/now.hpp"
#include "storage/sqlite_memory.hpp"

namespace punctual::datasource {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Taken {
  Ended ended;
  std::string columns;
  std::vector<std::string> rows;
  std::size_t pieces = 0;
  deadline::Duration duration{};
};

class DataSourceTest : public testing::Test {
 protected:
  DataSourceTest() {
    source.id = "data_test";
    source.name = "test";
    source.file = (folder / "source.db").string();
    write(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL, price REAL DEFAULT 1.5, note BLOB);"
        "INSERT INTO orders VALUES (1, 'pen', 2.25, x'00ff'), (2, 'caf\u00e9', 10, NULL), (3, '', 1e300, "
        "'x');"
        "CREATE VIEW cheap AS SELECT * FROM orders WHERE price < 5;"
        "CREATE TABLE many (n INTEGER);"
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000) INSERT INTO many "
        "SELECT n FROM c;");
  }

  // On the file itself, with every right.
  void write(const std::string& sql) const {
    storage::configure_sqlite();
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(source.file.c_str(), &database), SQLITE_OK);
    char* problem = nullptr;
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &problem), SQLITE_OK)
        << (problem ? problem : "");
    sqlite3_free(problem);
    sqlite3_close(database);
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

  base::TemporaryFolder folder;
  Source source;
  CancelToken token;
};

}  // namespace punctual::datasource
