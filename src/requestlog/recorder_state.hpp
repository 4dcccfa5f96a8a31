// What the threads of a recorder share: those that hand over, its worker, and the store's, which says how a
// batch has ended. Atomic values and queues without a lock; whoever holds it last ends it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/journal.hpp"
#include "requestlog/contents.hpp"
#include "requestlog/handover.hpp"
#include "requestlog/waker.hpp"

namespace punctual::requestlog {

enum class Loss : std::uint8_t {
  queue_full,  // more was waiting than may
  unreadable,  // the line is no record
  refused,     // the database does not take this row
  stopped,     // not stored when the process had to end
};
inline constexpr std::size_t loss_count = 4;
std::string_view name_of(Loss loss);

struct RecorderOptions {
  std::size_t queued_bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t contents_bytes_max = std::size_t{16} * 1024 * 1024;  // of prompts and answers that wait
  deadline::Duration gathered_for = std::chrono::milliseconds(100);
  std::size_t rows_per_batch = 2000;
  deadline::Duration stop_limit = std::chrono::seconds(5);  // of the end of the recorder
  audit::Journal* also = nullptr;                           // is given the lines too, such as the file
};

struct RecorderState {
  Handover<std::string> lines;
  Handover<Contents> contents;
  Waker worker;
  Waker flusher;

  std::atomic<std::size_t> queued_bytes = 0;    // of lines, until they are stored or lost
  std::atomic<std::size_t> contents_bytes = 0;  // of contents likewise
  std::atomic<std::uint64_t> flush_requested = 0;
  std::atomic<std::uint64_t> flush_done = 0;  // up to this request everything is stored or lost
  std::atomic<bool> closed = false;           // what is written now is lost
  std::atomic<bool> ended = false;            // the worker gives up what it has

  std::atomic<std::uint64_t> sequence = 0;
  std::atomic<std::uint64_t> stored = 0;
  std::atomic<std::uint64_t> stored_bytes = 0;
  std::array<std::atomic<std::uint64_t>, loss_count> lost{};
  std::atomic<std::uint64_t> contents_lost = 0;
  std::atomic<std::uint64_t> batches = 0;
  std::atomic<std::uint64_t> retries = 0;

  void lose(Loss loss, std::uint64_t records) { lost[static_cast<std::size_t>(loss)] += records; }
};

// How many records there are in lines.
std::uint64_t count_lines(std::string_view lines);

}  // namespace punctual::requestlog
