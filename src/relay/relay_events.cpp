#include "http/bounds.hpp"
#include "relay/event_clocks.hpp"
#include "relay/event_splitter.hpp"
#include "relay/relay.hpp"

namespace punctual::relay {

namespace {

namespace bits = deadline::bits;
using backend::Call;
using deadline::Phase;

// The state of one relayed stream, apart from its waiting.
class EventRelay {
 public:
  EventRelay(const RelayContext& context, bool hold)
      : context_(context),
        clocks_(context_),
        translator_(context.conversion ? context.conversion->events : nullptr),
        holding_(hold) {}

  // Passes on what was read. False when it cannot be: `refusal` says why.
  bool pass_on(const http::BodyPieces& pieces, std::string_view raw, bool complete) {
    auto& workspace = context_.workspace;
    workspace.out.clear();
    workspace.copy.clear();
    workspace.translated.clear();
    const bool untouched =
        splitter_.split(pieces.content, workspace.out, workspace.copy, [&](std::string_view event) {
          clocks_.read(event);
          if (translator_) translator_->event(event, workspace.translated);
        });
    note_last_word();
    const auto settled = clocks_.settle();
    if (splitter_.unfinished().size() > http::event_bytes_max) {
      refusal_ = "sent an event larger than " + std::to_string(http::event_bytes_max) + " bytes";
      return false;
    }
    bool whole = true;
    if (translator_) {
      if (complete) whole = end_translation();
      workspace.out.clear();
      if (!workspace.translated.empty()) workspace.out.push_back(workspace.translated);
    } else if (complete && !splitter_.unfinished().empty()) {
      // An upstream that ends in the middle of an event has said all it will: nothing is kept from the
      // client.
      workspace.out.push_back(splitter_.unfinished());
    }
    const bool as_it_came = untouched && !translator_ && pieces.verbatim;
    send(raw, as_it_came, settled.content, complete && whole);
    // What is held back, or has no counterpart in the client's format, is no sign of life to the client.
    const bool told = !holding_ && (!translator_ || !workspace.out.empty());
    if (told && (settled.content || settled.progress)) context_.client.note_time(context_.watch.now());
    if (!whole) refusal_ = "ended its stream before the answer was whole";
    return whole;
  }
  const std::string& refusal() const { return refusal_; }

  // Everything was said (an error of the upstream's too) and given, though the upstream does not end its
  // body.
  bool done() const { return (clocks_.done() || last_word_told_) && begun_; }

  // Heartbeats may have begun the stream, but not the answer.
  void begin() {
    if (!std::exchange(begun_, true)) context_.head.begin_answer(nullptr);
  }

  void wait_for_end() { clocks_.wait_for_end(); }

  // The upstream will say no more, and need not.
  void end() {
    context_.workspace.translated.clear();
    if (translator_) end_translation();
    const std::string_view last = context_.workspace.translated;
    context_.client.end({&last, last.empty() ? 0U : 1U});
  }

 private:
  // The translation may end before the upstream does, and fail where the upstream does not know of it.
  void note_last_word() {
    using LastWord = dialects::AnswerTranslator::LastWord;
    const auto word = translator_ ? translator_->last_word() : LastWord::none;
    last_word_told_ = word != LastWord::none;
    if (word == LastWord::error) context_.tally.upstream_error_event = true;
  }

  bool end_translation() {
    return translator_->end(context_.workspace.translated) || context_.tally.upstream_error_event;
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
    } else if (!out.empty()) {
      context_.client.write(out);
    }
    held_.clear();
  }

  RelayContext context_;
  EventClocks clocks_;
  EventSplitter splitter_;
  dialects::AnswerTranslator* translator_;
  std::string held_;
  std::string refusal_;
  bool holding_;
  bool begun_ = false;
  bool last_word_told_ = false;
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
      relay.end();
      co_return Ending::complete;
    }
    const bool complete = step == Call::Step::complete;
    if (step != Call::Step::blocked && !relay.pass_on(pieces, raw, complete)) {
      call.refuse(relay.refusal());
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
    relay.end();
    co_return Ending::complete;
  }
}

}  // namespace punctual::relay
