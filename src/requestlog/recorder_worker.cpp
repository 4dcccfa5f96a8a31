#include "requestlog/recorder_worker.hpp"

#include <algorithm>
#include <utility>

#include "telemetry/log.hpp"

namespace punctual::requestlog {

void RecorderWorker::run() {
  for (;;) {
    // Read before the queues: what was written before the request is then in them.
    const std::uint64_t flush = state_->flush_requested.load();
    const bool ended = state_->ended.load();
    accept();
    land();
    start(flush > state_->flush_done);
    if (idle()) {
      state_->flush_done = flush;
      state_->flusher.wake();
    }
    if (ended) break;
    state_->worker.wait(patience());
  }
  give_up();
}

bool RecorderWorker::idle() const {
  return !flight_ && again_.empty() && texts_.empty();
}

std::optional<deadline::Duration> RecorderWorker::patience() const {
  if (flight_ || idle()) return std::nullopt;
  const auto due =
      again_.empty() ? std::max(waiting_since_ + options_.gathered_for, not_before_) : not_before_;
  return std::max(due - clock_.now(), deadline::Duration(0));
}

void RecorderWorker::accept() {
  auto texts = state_->lines.take();
  if (!texts.empty() && texts_.empty()) waiting_since_ = clock_.now();
  for (auto& text : texts) {
    waiting_ += count_lines(text);
    texts_.push_back(std::move(text));
  }
  // After the lines: the contents of a request are written before its line.
  accept_contents();
}

void RecorderWorker::land() {
  if (!flight_ || !flight_->landed.load(std::memory_order_acquire)) return;
  const auto flight = std::exchange(flight_, nullptr);
  const auto& batch = flight->batch;
  if (!flight->outcome) {
    landed_badly(batch, flight->outcome.error());
    return;
  }
  if (std::exchange(backoff_, deadline::Duration(0)) > deadline::Duration(0))
    telemetry::log_info("the request log is stored again");
  not_before_ = {};
  for (const auto& contents : batch->contents)
    release_contents(contents);
  if (batch->rows.empty()) return;
  state_->stored_bytes += batch->stored_bytes();
  state_->stored += batch->rows.size();
  state_->queued_bytes -= batch->queued_bytes();
  ++state_->batches;
  state_->sequence.fetch_add(1, std::memory_order_release);
  if (auto contents = contents_of(*batch)) again_.push_front(std::move(contents));
  spare_rows_ = std::move(batch->rows);
}

void RecorderWorker::landed_badly(const std::shared_ptr<RecordBatch>& batch, const storage::Error& error) {
  using enum storage::ErrorKind;
  const bool wrong = error.kind == constraint || error.kind == internal;
  if (!wrong && error.kind != refused) {
    if (backoff_ == deadline::Duration(0))
      telemetry::log_warning("the request log cannot be stored now and waits: " + error.message);
    batch->perhaps_stored = batch->perhaps_stored || error.kind == unavailable;
    later(batch);
    return;
  }
  if (batch->rows.size() > 1) {
    auto second = batch->split();
    again_.push_front(std::move(second));
    again_.push_front(batch);
    return;
  }
  if (!wrong && ++batch->refusals < refusals_max) {
    later(batch);
    return;
  }
  telemetry::log_warning("a record is not stored, the database refuses it: " + error.message);
  lose_all(*batch, Loss::refused);
}

void RecorderWorker::later(std::shared_ptr<RecordBatch> batch) {
  ++state_->retries;
  backoff_ = std::clamp(backoff_ * 2, backoff_min, backoff_max);
  not_before_ = clock_.now() + backoff_;
  again_.push_front(std::move(batch));
}

bool RecorderWorker::is_due(bool at_once) const {
  if (texts_.empty()) return false;
  return at_once || waiting_ >= options_.rows_per_batch ||
         clock_.now() >= waiting_since_ + options_.gathered_for;
}

void RecorderWorker::start(bool at_once) {
  while (!flight_ && clock_.now() >= not_before_) {
    if (!again_.empty()) {
      auto batch = std::move(again_.front());
      again_.pop_front();
      launch(std::move(batch));
      continue;
    }
    if (!is_due(at_once)) return;
    auto batch = next_batch();
    if (!batch->rows.empty()) launch(std::move(batch));
  }
}

void RecorderWorker::launch(std::shared_ptr<RecordBatch> batch) {
  const auto flight = std::make_shared<RecordFlight>();
  flight->batch = std::move(batch);
  const bool taken =
      store_.enqueue([flight](storage::Connection& connection) { return store(connection, *flight->batch); },
                     [flight, state = state_](const storage::Outcome& outcome) {
                       flight->outcome = outcome;
                       flight->landed.store(true, std::memory_order_release);
                       state->worker.wake();
                     });
  if (taken)
    flight_ = flight;
  else
    later(flight->batch);
}

void RecorderWorker::take_line(RecordBatch& batch, std::string_view line, std::size_t taken) {
  std::vector<storage::Value> row;
  if (!spare_rows_.empty()) {
    row = std::move(spare_rows_.back());
    spare_rows_.pop_back();
  }
  if (reader_.read_into(line, row)) {
    batch.rows.push_back(std::move(row));
    batch.line_bytes.push_back(taken);
  } else {
    state_->lose(Loss::unreadable, 1);
    state_->queued_bytes -= taken;
  }
}

std::shared_ptr<RecordBatch> RecorderWorker::next_batch() {
  auto batch = std::make_shared<RecordBatch>();
  while (!texts_.empty() && batch->rows.size() < options_.rows_per_batch) {
    const std::string_view rest = std::string_view(texts_.front()).substr(parsed_);
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::size_t taken = std::min(end + 1, rest.size());
    if (end > 0)
      take_line(*batch, rest.substr(0, end), taken);
    else
      state_->queued_bytes -= taken;
    if (waiting_ > 0) --waiting_;
    parsed_ += taken;
    if (taken < rest.size()) continue;
    texts_.pop_front();
    parsed_ = 0;
  }
  if (texts_.empty()) waiting_ = 0;
  return batch;
}

void RecorderWorker::lose_all(const RecordBatch& batch, Loss loss) {
  state_->lose(loss, batch.rows.size());
  state_->queued_bytes -= batch.queued_bytes();
  state_->contents_lost += batch.contents.size();
  for (const auto& contents : batch.contents)
    release_contents(contents);
}

void RecorderWorker::give_up() {
  // One that is in flight may still be committed; it is not known to be.
  if (flight_) state_->lose(Loss::stopped, flight_->batch->rows.size());
  for (const auto& batch : again_)
    lose_all(*batch, Loss::stopped);
  state_->lose(Loss::stopped, waiting_);
  state_->contents_lost += contents_.size();
}

}  // namespace punctual::requestlog
