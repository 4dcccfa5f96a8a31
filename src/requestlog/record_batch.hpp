// Rows on their way into the database, and how they get there. Owned by one thread at a time: by the worker,
// or by the job that stores them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "requestlog/contents.hpp"
#include "storage/store.hpp"
#include "storage/value.hpp"

namespace punctual::requestlog {

struct RecordBatch {
  std::vector<std::vector<storage::Value>> rows;
  std::vector<std::size_t> line_bytes;  // of each row, as it was queued
  std::vector<Contents> contents;       // instead of rows, of requests that are stored
  std::int64_t contents_created = 0;
  bool perhaps_stored = false;  // nobody answered the commit
  int refusals = 0;

  std::size_t queued_bytes() const;
  std::uint64_t stored_bytes() const;
  // The second half of the rows, which is then not in this one.
  std::shared_ptr<RecordBatch> split();
};

// A job: all of it or nothing.
storage::Outcome store(storage::Connection& connection, const RecordBatch& batch);

// One batch in the hands of the store.
struct RecordFlight {
  std::shared_ptr<RecordBatch> batch;
  storage::Outcome outcome;  // once it has landed
  std::atomic<bool> landed = false;
};

}  // namespace punctual::requestlog
