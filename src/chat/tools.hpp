// What a chat may do with a data source, behind an interface: one audited look into a database.
//
// A run is begun on a loop and goes on elsewhere. Its listener hears of it on any thread, in this order:
// `started` at most once, when the record of the run is durable and before anything is asked of the database;
// `piece`, any number of times; `ended` exactly once. A run always ends: `until` and `cancel` see to it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "datasource/execution.hpp"
#include "deadline/clock.hpp"

namespace punctual::chat {

using datasource::Tool;

struct ToolRequest {
  Tool tool = Tool::query;
  std::string sql = {};     // of a query
  std::string table = {};   // to describe
  std::string reason = {};  // in the model's words
  std::string data_source = {};
  std::string user = {};  // "ada", "admin token"
  std::string model = {};
  std::string chat_id = {};
  std::string request_id = {};  // of the model's call that asked for it
  std::uint32_t round = 0;
  deadline::Instant until{};  // of the whole chat; the source's own limit may be shorter
  std::size_t result_bytes_max = std::size_t{1} << 20;  // likewise; what would be more is cancelled
};

struct ToolEnd {
  std::string outcome = {};  // "success", "failed", "refused", "timeout", "cancelled"
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  bool truncated = false;
  deadline::Duration took{};
  std::string error = {};  // a sentence; empty: none
  // The record could not be kept: nothing was asked of the database, and nothing more is to be.
  bool unrecorded = false;
};

class ToolListener {
 public:
  virtual ~ToolListener() = default;
  // `sql`: what runs; `limit`: how long it may.
  virtual void started(std::string id, std::string sql, deadline::Duration limit) = 0;
  // JSON lists: the names of the columns (empty: they were told), the rows. As the record has them.
  virtual void piece(std::string columns, std::string rows) = 0;
  virtual void ended(ToolEnd end) = 0;
};

class ToolRun {
 public:
  virtual ~ToolRun() = default;
  // Any thread; ends it as soon as it can be. Again, or after the end: nothing.
  virtual void cancel() = 0;
};

// What the model is told of a data source.
struct SourceFacts {
  std::string id = {};
  std::string name = {};
  std::string dialect = {};  // "SQLite", "PostgreSQL"
  std::uint64_t rows_max = 0;
  std::uint64_t bytes_max = 0;
  std::uint64_t cell_bytes_max = 0;
  deadline::Duration query_limit{};
};

class Tools {
 public:
  // Any loop; does not wait. Outlives its runs.
  virtual std::shared_ptr<ToolRun> run(ToolRequest request, std::shared_ptr<ToolListener> listener) = 0;

 protected:
  ~Tools() = default;
};

}  // namespace punctual::chat
