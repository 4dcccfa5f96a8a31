// The lines of one core on their way to the journal. One thread only.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "audit/journal.hpp"
#include "audit/record.hpp"
#include "deadline/wheel.hpp"
#include "telemetry/metrics.hpp"

namespace punctual::audit {

class JournalBuffer {
 public:
  static constexpr std::size_t handed_over_bytes = 64 * 1024;
  static constexpr deadline::Duration handed_over_after = std::chrono::milliseconds(50);

  // All must outlive the buffer.
  JournalBuffer(Journal& journal, const deadline::Clock& clock, deadline::Wheel& wheel,
                telemetry::Metrics& metrics)
      : journal_(journal),
        clock_(clock),
        wheel_(wheel),
        metrics_(metrics),
        timer_(&JournalBuffer::due, this) {}
  ~JournalBuffer() { hand_over(); }

  void add(const Record& record) {
    if (!journal_.enabled()) return;
    append_json_line(lines_, record);
    ++count_;
    if (lines_.size() >= handed_over_bytes) {
      hand_over();
    } else if (!timer_.armed()) {
      wheel_.arm(timer_, clock_.now() + handed_over_after);
    }
  }

  // Before `add` of the same request.
  void add_texts(std::string_view request_id, std::string prompt, std::string answer) {
    journal_.write_texts(request_id, std::move(prompt), std::move(answer));
  }

  void hand_over() {
    if (lines_.empty()) return;
    std::string lines;
    lines.reserve(lines_.capacity());  // the last of them grew it to what is needed
    lines.swap(lines_);
    if (!journal_.write(std::move(lines))) metrics_.records_lost.add(count_);
    count_ = 0;
  }

 private:
  static void due(void* self) { static_cast<JournalBuffer*>(self)->hand_over(); }

  Journal& journal_;
  const deadline::Clock& clock_;
  deadline::Wheel& wheel_;
  telemetry::Metrics& metrics_;
  deadline::Timer timer_;
  std::string lines_;
  std::size_t count_ = 0;
};

}  // namespace punctual::audit
