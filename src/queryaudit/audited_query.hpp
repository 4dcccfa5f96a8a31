// The one way to ask a data source: recorded before, run once, completed after.
//
// `run` blocks, for a thread that may wait; several may run at once. What holds, always:
// - The record is on disk before the database is asked. If it cannot be written, nothing is asked.
// - A record is run once, and completed once: success, failure, refusal, timeout and cancelling alike. If the
//   database of the gateway is away at the end, completing goes on behind; what a process leaves behind
//   unfinished is completed as `lost`.
// - What the sink was given is what the record counts and hashes.
// - It ends at `deadline`, at the source's query_seconds, or when the token is cancelled; completing the
// record
//   takes a moment more, at most `completion_limit`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "datasource/execution.hpp"
#include "queryaudit/chain.hpp"
#include "queryaudit/record.hpp"
#include "storage/store.hpp"

namespace punctual::queryaudit {

// Who asks, for what, why: for the record, and for nothing else but the statement itself.
struct QueryOrder {
  std::string user;         // "ada", "admin token"
  std::string model;        // which wanted it
  std::string chat_id;      // of the whole answer
  std::string request_id;   // of the model call that wanted it
  std::int64_t round = 1;   // of the chat
  std::string data_source;  // its id
  datasource::Tool tool = datasource::Tool::query;
  std::string text;    // query: the SQL; describe_table: the table; list_tables: empty
  std::string reason;  // in the model's words
};

struct QueryBegun {
  std::string id;            // of the record
  double limit_seconds = 0;  // how long it may take: the source's limit, or what is left until the deadline
};

// On the thread of `run`.
class QuerySink {
 public:
  virtual ~QuerySink() = default;
  // The record is durable; the statement is about to run.
  virtual void begun(const QueryBegun& begun) = 0;
  // False: nobody wants the rest; the statement is cancelled.
  virtual bool piece(const datasource::Piece& piece) = 0;
};

struct QueryDone {
  std::string id;                     // empty: no record could be written, and nothing was asked
  Outcome outcome = Outcome::failed;  // never running or lost
  std::string error;                  // one sentence; empty with success
  bool by_query_seconds = false;      // of timeout: the source's own limit, not the caller's deadline
  double limit_seconds = 0;           // as in QueryBegun
  std::int64_t rows = 0;              // that the sink was given
  std::int64_t bytes = 0;             // of them, as JSON
  bool truncated = false;             // rows were left out, or cells cut
  deadline::Duration duration{};      // of the statement alone
  std::string result_hash;
};

class AuditedQueries {
 public:
  static constexpr deadline::Duration record_limit = std::chrono::seconds(5);
  static constexpr deadline::Duration completion_limit = std::chrono::seconds(5);
  static constexpr deadline::Duration late_completion_limit = std::chrono::minutes(10);
  // After its time a record that still runs is nobody's any more.
  static constexpr deadline::Duration lost_grace = std::chrono::minutes(1);

  // The source as it is now; nullptr: there is none of this id.
  using FindSource = std::function<std::shared_ptr<const datasource::Source>(std::string_view id)>;

  // `chain`: or why there is none; every query is then refused with that. All must outlive it.
  AuditedQueries(storage::Store& store, const deadline::Clock& clock,
                 std::expected<std::unique_ptr<Chain>, std::string> chain, FindSource find_source);

  QueryDone run(const QueryOrder& order, deadline::Instant deadline, const datasource::CancelToken& token,
                QuerySink& sink);

  // Completes what processes that are gone have left: all that runs, when this is the only process and
  // it starts (`starting`); else what should have ended a while ago. The answer is how many.
  std::expected<std::int64_t, storage::Error> complete_lost(bool starting);

  // nullptr: there is none, and `problem` says why.
  const Chain* chain() const { return chain_ ? chain_->get() : nullptr; }
  std::string problem() const { return chain_ ? std::string() : chain_.error(); }

 private:
  std::expected<std::int64_t, storage::Error> record(const Started& started, deadline::Instant deadline);
  void complete(std::int64_t id, const Finished& finished);
  std::expected<std::int64_t, storage::Error> complete_some_lost(std::int64_t until);

  storage::Store& store_;
  const deadline::Clock& clock_;
  std::expected<std::unique_ptr<Chain>, std::string> chain_;
  FindSource find_source_;
};

}  // namespace punctual::queryaudit
