// One statement on a data source: opened, guarded, run, streamed, closed.
//
// Blocking, for a thread that may wait; never a core's. Each call has a connection of its own, so nothing
// that a statement sets outlives it. It ends at the deadline, at the source's `query_seconds`, or when the
// token is cancelled, whichever is first: SQLite between two steps of its program, PostgreSQL by cancelling
// in the server. The database itself keeps it from changing anything (README.md says how); that a statement
// was kept back is End::refused.
//
// A result is handed over piece by piece while it is computed, as the JSON that the caller passes on; what is
// counted and hashed is what was handed over.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "datasource/cancel.hpp"
#include "datasource/source.hpp"

namespace punctual::datasource {

enum class Tool : std::uint8_t { query, list_tables, describe_table };
std::string_view name_of(Tool tool);

struct Statement {
  Tool tool = Tool::query;
  // query: the SQL, one statement. describe_table: "table" or "schema.table". list_tables: empty.
  std::string text;
};

struct Piece {
  std::string columns;            // a JSON array of names; in the first piece only
  std::vector<std::string> rows;  // each a JSON array of cells: null, numbers, truth values, texts
};
// False: nothing more is wanted; the statement is then cancelled.
using Sink = std::function<bool(const Piece&)>;

enum class End : std::uint8_t { success, failed, refused, timeout, cancelled };
std::string_view name_of(End end);

struct Ended {
  End end = End::success;
  std::string error;              // one sentence for people and models; empty with success
  bool by_query_seconds = false;  // of timeout: the source's own limit, not the caller's deadline
  std::uint64_t rows = 0;         // handed over
  std::uint64_t bytes = 0;        // of them, as JSON
  bool truncated = false;         // rows were left out, or cells cut
};

inline constexpr std::size_t statement_bytes_max = 64 * 1024;

Ended run(const Source& source, const Statement& statement, deadline::Instant deadline,
          const CancelToken& token, const Sink& sink);

// Whether the source answers and its role may only read.
struct Examined {
  bool ok = false;
  deadline::Duration duration{};
  std::uint64_t tables = 0;  // that can be read
  std::string server;        // "PostgreSQL 15.4", "SQLite 3.40.1"; empty: none answered
  std::string problem;       // what is wrong and what to do; empty: nothing
  std::string field;         // of the source, to which the problem belongs: "file", "host", "user"
};
Examined examine(const Source& source, deadline::Instant deadline, const CancelToken& token);

}  // namespace punctual::datasource
