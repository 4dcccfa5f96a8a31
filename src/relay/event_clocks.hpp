// What the events of one stream mean for its clocks and its tally.
//
// `read` each event, then `settle` once for all that came together. One stream each; the context must outlive
// it.
#pragma once

#include <string_view>
#include <utility>

#include "relay/relay.hpp"

namespace punctual::relay {

// How long a stream that has said its last word is waited for to end its body.
inline constexpr deadline::Duration end_grace = std::chrono::seconds(1);

class EventClocks {
 public:
  explicit EventClocks(const RelayContext& context) : context_(context) {}

  api::EventKind read(std::string_view event) {
    using api::EventKind;
    auto& tally = context_.tally;
    const EventKind kind = context_.reader.read(event, tally.usage);
    content_ = content_ || kind == EventKind::content;
    progress_ = progress_ || kind == EventKind::progress;
    done_ = done_ || kind == EventKind::done || kind == EventKind::error;
    if (kind == EventKind::content) ++tally.content_events;
    if (kind == EventKind::error) tally.upstream_error_event = true;
    return kind;
  }

  struct Settled {
    bool content = false;
    bool progress = false;
  };
  // What was among the events since the last time; the clocks know it afterwards.
  Settled settle() {
    const Settled settled{std::exchange(content_, false), std::exchange(progress_, false)};
    if (settled.content || settled.progress) note_progress(settled.content);
    return settled;
  }

  // The stream's last word was said, or an error of the upstream's.
  bool done() const { return done_; }

  // The end of the body is a formality, which a client should not wait for.
  void wait_for_end() {
    if (std::exchange(waits_for_end_, true)) return;
    context_.watch.cancel_heartbeat();
    deadline::Limits limits = context_.watch.deadline().limits();
    limits.shorten(deadline::Phase::idle, end_grace, {});
    context_.watch.set_limits(limits);
    context_.watch.start(deadline::Phase::idle);
  }

 private:
  void note_progress(bool content) {
    using deadline::Phase;
    const auto now = context_.watch.now();
    if (content && !context_.tally.first_token_at) {
      context_.tally.first_token_at = now;
      context_.watch.stop(Phase::first_token);
    }
    if (std::exchange(idle_runs_, true)) {
      context_.watch.restart(Phase::idle, now);
    } else {
      context_.watch.start(Phase::idle, now);
    }
  }

  const RelayContext& context_;
  bool content_ = false;
  bool progress_ = false;
  bool done_ = false;
  bool idle_runs_ = false;
  bool waits_for_end_ = false;
};

}  // namespace punctual::relay
