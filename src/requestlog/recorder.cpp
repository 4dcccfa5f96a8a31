#include "requestlog/recorder.hpp"

#include <utility>

#include "requestlog/recorder_worker.hpp"

namespace punctual::requestlog {

std::string_view name_of(Loss loss) {
  switch (loss) {
    case Loss::queue_full:
      return "queue_full";
    case Loss::unreadable:
      return "unreadable";
    case Loss::refused:
      return "refused";
    case Loss::stopped:
      return "stopped";
  }
  return {};
}

std::uint64_t count_lines(std::string_view lines) {
  // By memchr, which is many times faster than looking at each byte.
  std::uint64_t count = 0;
  while (!lines.empty()) {
    ++count;
    const auto end = lines.find('\n');
    if (end == std::string_view::npos) break;
    lines.remove_prefix(end + 1);
  }
  return count;
}

Recorder::Recorder(storage::Store& store, const deadline::Clock& clock, RecorderOptions options)
    : Journal(-1),
      clock_(clock),
      options_(options),
      state_(std::make_shared<RecorderState>()),
      thread_([state = state_, &store, &clock, options] {
        RecorderWorker(state, store, clock, options).run();
      }) {}

Recorder::~Recorder() {
  stop(clock_.now() + options_.stop_limit);
}

bool Recorder::write(std::string lines) {
  const bool also_written =
      options_.also == nullptr || !options_.also->enabled() || options_.also->write(lines);
  const std::size_t size = lines.size();
  if (size == 0) return also_written;
  const bool closed = state_->closed.load(std::memory_order_relaxed);
  if (closed || state_->queued_bytes.fetch_add(size) + size > options_.queued_bytes_max) {
    if (!closed) state_->queued_bytes -= size;
    state_->lose(closed ? Loss::stopped : Loss::queue_full, count_lines(lines));
    return false;
  }
  if (state_->lines.push(std::move(lines))) state_->worker.wake();
  return also_written;
}

bool Recorder::write_contents(Contents contents) {
  const std::size_t size = bytes_of(contents);
  contents.queued_bytes = size;
  const bool closed = state_->closed.load(std::memory_order_relaxed);
  if (closed || state_->contents_bytes.fetch_add(size) + size > options_.contents_bytes_max) {
    if (!closed) state_->contents_bytes -= size;
    ++state_->contents_lost;
    return false;
  }
  // The worker looks at them when it looks at lines.
  state_->contents.push(std::move(contents));
  return true;
}

bool Recorder::flush(deadline::Instant until) {
  const std::uint64_t wanted = ++state_->flush_requested;
  state_->worker.wake();
  while (state_->flush_done < wanted) {
    const auto now = clock_.now();
    if (now >= until || state_->ended) return false;
    state_->flusher.wait(until - now);
  }
  return true;
}

bool Recorder::stop(deadline::Instant until) {
  if (!thread_.joinable()) return false;
  state_->closed = true;
  const bool all = flush(until);
  state_->ended = true;
  state_->worker.wake();
  thread_.join();
  for (const auto& lines : state_->lines.take())
    state_->lose(Loss::stopped, count_lines(lines));
  return all;
}

RecorderNumbers Recorder::numbers() const {
  RecorderNumbers numbers;
  numbers.stored = state_->stored;
  numbers.stored_bytes = state_->stored_bytes;
  for (std::size_t i = 0; i < loss_count; ++i)
    numbers.lost[i] = state_->lost[i];
  numbers.contents_lost = state_->contents_lost;
  numbers.batches = state_->batches;
  numbers.retries = state_->retries;
  numbers.queued_bytes = state_->queued_bytes;
  return numbers;
}

}  // namespace punctual::requestlog
