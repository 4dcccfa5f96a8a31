// The journal that stores records in the database. Cores hand over batches of lines and go on: one exchange
// of a pointer, no lock, no waiting, whatever the database does.
//
// A thread of its own parses what is there and stores it, one batch in flight at a time, `rows_per_batch`
// rows or what came within `gathered_for`. While the database is away the records wait; when
// `queued_bytes_max` of them do, the NEWEST are dropped, so that what is stored has no gap before the loss.
// Every lost record is counted by its reason. A batch that the database refuses is halved until the row that
// is wrong is alone; that one is lost, no other. A batch whose commit nobody answered is looked for before it
// is stored again.
//
// Memory: at most about three times `queued_bytes_max` (lines; those of the batch in flight also as a row).
// The store, the clock and the other journal must outlive the recorder; the journal buffers must not.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "audit/journal.hpp"
#include "deadline/clock.hpp"
#include "requestlog/contents.hpp"
#include "requestlog/recorder_state.hpp"
#include "storage/store.hpp"

namespace punctual::requestlog {

// As of now; plain values.
struct RecorderNumbers {
  std::uint64_t stored = 0;
  std::uint64_t stored_bytes = 0;                // the sum of requests.bytes
  std::array<std::uint64_t, loss_count> lost{};  // records, by reason
  std::uint64_t contents_lost = 0;
  std::uint64_t batches = 0;
  std::uint64_t retries = 0;
  std::size_t queued_bytes = 0;
};

class Recorder final : public audit::Journal {
 public:
  Recorder(storage::Store& store, const deadline::Clock& clock, RecorderOptions options = {});
  // stop(stop_limit), if nobody has stopped it.
  ~Recorder() override;

  // Any thread; never waits. False when the lines are lost, here or in the other journal.
  bool write(std::string lines) override;
  bool enabled() const override { return true; }
  bool write_texts(std::string_view request_id, std::string prompt, std::string answer) override {
    return write_contents({std::string(request_id), std::move(prompt), std::move(answer)});
  }

  // Any thread; never waits. Before the request's line is written; stored with it, redacted. False: lost.
  bool write_contents(Contents contents);

  // Stores what was written before this call. False: not all of it by `until`. One caller at a time.
  bool flush(deadline::Instant until);

  // flush, and then the end of the thread: what could not be stored is lost, and counted. Lines that are
  // written later are lost too. One caller at a time.
  bool stop(deadline::Instant until);

  // One more after each batch that was committed; for live readers to see that there is something new.
  std::uint64_t sequence() const { return state_->sequence.load(std::memory_order_acquire); }

  RecorderNumbers numbers() const;

 private:
  const deadline::Clock& clock_;
  const RecorderOptions options_;
  const std::shared_ptr<RecorderState> state_;
  std::jthread thread_;
};

}  // namespace punctual::requestlog
