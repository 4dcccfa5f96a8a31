#include "http/bounds.hpp"
#include "relay/event_splitter.hpp"
#include "relay/relay.hpp"

namespace punctual::relay {

namespace {

namespace bits = deadline::bits;
using api::EventKind;
using backend::Call;
using deadline::Phase;

// How long a stream that has said its last word is waited for to end its body.
constexpr deadline::Duration end_grace = std::chrono::seconds(1);

// The state of one relayed stream, apart from its waiting.
class EventRelay {
 public:
  EventRelay(const RelayContext& context, bool hold) : context_(context), holding_(hold) {}

  // Passes on what was read. False when an event is too large to be held back.
  bool pass_on(const http::BodyPieces& pieces, std::string_view raw, bool complete) {
    auto& workspace = context_.workspace;
    workspace.out.clear();
    workspace.copy.clear();
    bool progress = false;
    bool content = false;
    const bool untouched =
        splitter_.split(pieces.content, workspace.out, workspace.copy, [&](std::string_view event) {
          const EventKind kind = context_.reader.read(event, context_.tally.usage);
          content = content || kind == EventKind::content;
          progress = progress || kind == EventKind::progress;
          done_ = done_ || kind == EventKind::done || kind == EventKind::error;
          if (kind == EventKind::content) ++context_.tally.content_events;
          if (kind == EventKind::error) context_.tally.upstream_error_event = true;
        });
    if (content || progress) note_progress(content);
    if (splitter_.unfinished().size() > http::event_bytes_max) return false;
    // An upstream that ends in the middle of an event has said all it will: nothing is kept from the client.
    if (complete && !splitter_.unfinished().empty()) workspace.out.push_back(splitter_.unfinished());
    const bool as_it_came = untouched && pieces.verbatim && context_.client.framing() == Framing::chunked;
    send(raw, as_it_came, content, complete);
    // What is held back is no sign of life to the client.
    if ((content || progress) && !holding_) context_.client.note_time(context_.watch.now());
    return true;
  }

  // Everything was said (an error of the upstream's too) and given, though the upstream does not end its
  // body.
  bool done() const { return done_ && begun_; }

  // Heartbeats may have begun the stream, but not the answer.
  void begin() {
    if (!std::exchange(begun_, true)) context_.head.begin_answer();
  }

  // The last word was said: the end of the body is a formality, which a client should not wait for.
  void wait_for_end() {
    if (std::exchange(waits_for_end_, true)) return;
    context_.watch.cancel_heartbeat();
    deadline::Limits limits = context_.watch.deadline().limits();
    limits.shorten(Phase::idle, end_grace, {});
    context_.watch.set_limits(limits);
    context_.watch.start(Phase::idle);
  }

 private:
  void note_progress(bool content) {
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

  void send(std::string_view raw, bool as_it_came, bool content, bool complete) {
    auto& out = context_.workspace.out;
    if (holding_ && !content && !complete && !context_.tally.upstream_error_event) {
      for (const auto piece : out)
        held_.append(piece);
      if (held_.size() <= events_bytes_held_max) return;
      out.clear();
    }
    holding_ = false;
    if (context_.copy) {
      context_.copy->append(held_);
      context_.copy->append(out);
    }
    begin();
    const bool framed = as_it_came && held_.empty() && context_.client.framing() == Framing::chunked;
    if (framed) {
      if (complete) {
        context_.client.end_framed(raw);
      } else {
        context_.client.write_framed(raw);
      }
      return;
    }
    if (!held_.empty()) out.insert(out.begin(), held_);
    if (complete) {
      context_.client.end(out);
    } else {
      context_.client.write(out);
    }
    held_.clear();
  }

  RelayContext context_;
  EventSplitter splitter_;
  std::string held_;
  bool holding_;
  bool begun_ = false;
  bool idle_runs_ = false;
  bool done_ = false;
  bool waits_for_end_ = false;
};

}  // namespace

base::Task<Ending> relay_events(RelayContext context, Call& call, bool hold) {
  EventRelay relay(context, hold);
  auto& pieces = context.workspace.pieces;
  if (!hold) relay.begin();
  for (;;) {
    std::string_view raw;
    const Call::Step step = call.read(pieces, raw);
    if (step == Call::Step::failed) {
      if (!relay.done()) co_return Ending::upstream_failed;
      call.cancel();
      context.client.end();
      co_return Ending::complete;
    }
    const bool complete = step == Call::Step::complete;
    if (step != Call::Step::blocked && !relay.pass_on(pieces, raw, complete)) {
      call.refuse("sent an event larger than " + std::to_string(http::event_bytes_max) + " bytes");
      co_return Ending::upstream_failed;
    }
    if (!complete && relay.done()) relay.wait_for_end();
    // Nothing came with the head: the client learns at once that the answer has begun.
    if (step == Call::Step::blocked && context.client.begun()) context.client.flush();
    if (context.client.broken()) co_return Ending::client_broken;
    if (complete) {
      context.watch.stop(Phase::idle);
      call.finish();
    }
    if (context.client.blocked()) {
      // The upstream is not read meanwhile, so its silence is not its fault.
      const bool idle_ran = context.watch.deadline().running(Phase::idle);
      context.watch.stop(Phase::idle);
      const bool drained = co_await context.client.drained(context.watch);
      if (!drained) co_return context.watch.interruption() ? Ending::interrupted : Ending::client_broken;
      if (idle_ran) context.watch.start(Phase::idle);
    }
    if (complete) co_return Ending::complete;
    if (step == Call::Step::data) continue;
    const auto raised = co_await context.watch.wait(bits::upstream_readable);
    if (!context.watch.interrupted(raised)) continue;
    // The stream had said its last word; only the end of its body is missing, and no error may follow that.
    const bool only_end_missing =
        relay.done() && context.watch.interruption() != deadline::Interruption::client_gone;
    if (!only_end_missing) co_return Ending::interrupted;
    call.cancel();
    context.client.end();
    co_return Ending::complete;
  }
}

}  // namespace punctual::relay
