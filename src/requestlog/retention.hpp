// Lets go of what is too old or too much: always the oldest, never anything else. Blocking; one thread at a
// time, but it may write beside the recorder: at most `rows_per_batch` go in one transaction, and others'
// jobs come between two of them.
//
// The size is the sum of `requests.bytes`, what the rows take in the database (about: texts, numbers, index
// entries). A running total says when to look; it is counted exactly before anything is deleted for it. The
// file of SQLite does not shrink: its free pages are used for the next rows, so that it stays at the largest
// size that it had.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>

#include "deadline/clock.hpp"
#include "storage/store.hpp"

namespace punctual::requestlog {

struct RetentionPolicy {
  std::optional<deadline::Duration> age_max = {};  // of requests, by their start
  std::optional<std::int64_t> bytes_max = {};      // of all requests together
  std::optional<deadline::Duration> contents_age_max =
      {};  // of prompts and answers, by when they were stored
};

// What one run has done, so that it can be told and proved: nothing that began after `newest` was touched.
struct Deleted {
  std::int64_t requests_by_age = 0;
  std::int64_t requests_by_size = 0;
  std::int64_t contents = 0;                // those of deleted requests not counted
  std::int64_t bytes = 0;                   // of the requests
  std::optional<std::int64_t> newest;       // the latest start of a deleted request
  std::optional<std::int64_t> oldest_kept;  // the earliest start that is left
  std::int64_t bytes_kept = 0;              // the running total
  bool finished = true;                     // false: the batches were used up, there is more to do
};

class Retention {
 public:
  static constexpr std::int64_t rows_per_batch = 1000;
  static constexpr int batches_per_run = 100;
  static constexpr deadline::Duration counted_every = std::chrono::hours(1);

  // `stored_bytes`: what was stored since the start of the process (Recorder::numbers), from any thread. All
  // must outlive this.
  Retention(storage::Store& store, const deadline::Clock& clock, std::function<std::uint64_t()> stored_bytes)
      : store_(store), clock_(clock), stored_bytes_(std::move(stored_bytes)) {}

  // To be called every minute or so. An error leaves what was deleted before it deleted.
  std::expected<Deleted, storage::Error> run(const RetentionPolicy& policy);

 private:
  struct Batch;
  std::expected<Batch, storage::Error> delete_requests(std::int64_t started_before,
                                                       std::optional<std::int64_t> bytes_wanted);
  std::expected<std::int64_t, storage::Error> delete_contents(std::int64_t created_before);
  storage::Outcome by_age(Deleted& deleted, std::int64_t started_before, int& batches);
  storage::Outcome by_size(Deleted& deleted, std::int64_t bytes_max, int& batches);
  storage::Outcome count_bytes();
  std::int64_t running_total() const;

  storage::Store& store_;
  const deadline::Clock& clock_;
  std::function<std::uint64_t()> stored_bytes_;
  std::optional<deadline::Instant> counted_at_;
  std::int64_t counted_bytes_ = 0;  // less what was deleted since
  std::uint64_t stored_when_counted_ = 0;
};

}  // namespace punctual::requestlog
