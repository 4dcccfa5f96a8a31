// The thread of a recorder: gathers what cores have handed over, parses it, and stores it, one batch in
// flight at a time. Everything here is its own but the state, which is shared.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "requestlog/record_batch.hpp"
#include "requestlog/record_row.hpp"
#include "requestlog/recorder.hpp"

namespace punctual::requestlog {

class RecorderWorker {
 public:
  static constexpr deadline::Duration backoff_min = std::chrono::milliseconds(100);
  static constexpr deadline::Duration backoff_max = std::chrono::seconds(5);
  // A row that the database refuses for a reason that may pass (it is read-only for a while).
  static constexpr int refusals_max = 5;

  RecorderWorker(std::shared_ptr<RecorderState> state, storage::Store& store, const deadline::Clock& clock,
                 const RecorderOptions& options)
      : state_(std::move(state)), store_(store), clock_(clock), options_(options) {}

  // Until the state says `ended`.
  void run();

 private:
  void accept();
  void land();
  void landed_badly(const std::shared_ptr<RecordBatch>& batch, const storage::Error& error);
  void start(bool at_once);
  void launch(std::shared_ptr<RecordBatch> batch);
  void later(std::shared_ptr<RecordBatch> batch);
  void give_up();
  void lose_all(const RecordBatch& batch, Loss loss);
  bool idle() const;
  std::optional<deadline::Duration> patience() const;

  std::shared_ptr<RecordBatch> next_batch();
  void take_line(RecordBatch& batch, std::string_view line, std::size_t taken);
  bool is_due(bool at_once) const;
  std::shared_ptr<RecordBatch> contents_of(const RecordBatch& stored);
  void accept_contents();
  void release_contents(const Contents& contents);

  const std::shared_ptr<RecorderState> state_;
  storage::Store& store_;
  const deadline::Clock& clock_;
  const RecorderOptions options_;
  RecordReader reader_;

  std::deque<std::string> texts_;  // lines that are not parsed yet
  std::size_t parsed_ = 0;         // of the first text
  std::uint64_t waiting_ = 0;      // how many lines these are, about
  deadline::Instant waiting_since_{};

  std::vector<std::vector<storage::Value>> spare_rows_;  // memory of rows that are stored, at most a batch

  std::deque<std::shared_ptr<RecordBatch>> again_;  // what was refused or not stored, and contents
  std::shared_ptr<RecordFlight> flight_;
  deadline::Instant not_before_{};
  deadline::Duration backoff_{};

  std::unordered_map<std::string, Contents> contents_;  // of requests that have not ended, by their id
  std::deque<std::string> contents_order_;
};

}  // namespace punctual::requestlog
