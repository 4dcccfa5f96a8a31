#include "http/bounds.hpp"
#include "relay/event_clocks.hpp"
#include "relay/event_splitter.hpp"
#include "relay/relay.hpp"

namespace punctual::relay {

namespace {

namespace bits = deadline::bits;
using backend::Call;

// The answer is whole, and only the end of its body is missing: the client gets it, if it is still there.
bool only_end_missing(deadline::Watch& watch) {
  using deadline::Interruption;
  if (watch.interruption() == Interruption::client_gone) return false;
  // That clock was for the end of the body alone.
  if (watch.interruption() == Interruption::expired && watch.expiry().phase == deadline::Phase::idle)
    watch.recover();
  return true;
}

constexpr std::string_view json = "application/json";

class AssembledRelay {
 public:
  AssembledRelay(const RelayContext& context, Call& call, dialects::Assembler& assembler)
      : context_(context), call_(call), assembler_(assembler), clocks_(context_) {}

  // False when the answer cannot be put together; the call says why.
  bool take(const http::BodyPieces& pieces) {
    auto& workspace = context_.workspace;
    workspace.out.clear();
    workspace.copy.clear();
    bool good = true;
    splitter_.split(pieces.content, workspace.out, workspace.copy, [&](std::string_view event) {
      clocks_.read(event);
      good = good && assembler_.event(event);
    });
    clocks_.settle();
    if (good && splitter_.unfinished().size() <= http::event_bytes_max) return true;
    call_.refuse("sent " + (good ? "an event larger than " + std::to_string(http::event_bytes_max) + " bytes"
                                 : assembler_.problem()));
    return false;
  }

  bool done() const { return clocks_.done(); }
  void wait_for_end() { clocks_.wait_for_end(); }

  // Gives the client its document. False as with `take`.
  bool give() {
    auto document = assembler_.document();
    if (document && context_.conversion) document = context_.conversion->document(*document);
    if (!document) {
      call_.refuse("sent " + document.error());
      return false;
    }
    if (context_.copy) context_.copy->append(*document);
    const OwnDocument own{json, document->size()};
    context_.head.begin_answer(&own);
    const std::string_view content = *document;
    context_.client.end({&content, 1});
    return true;
  }

 private:
  RelayContext context_;
  Call& call_;
  dialects::Assembler& assembler_;
  EventClocks clocks_;
  EventSplitter splitter_;
};

}  // namespace

base::Task<Ending> relay_assembled(RelayContext context, Call& call, dialects::Assembler& assembler) {
  AssembledRelay relay(context, call, assembler);
  auto& pieces = context.workspace.pieces;
  for (;;) {
    std::string_view raw;
    const Call::Step step = call.read(pieces, raw);
    if (step == Call::Step::failed && !relay.done()) co_return Ending::upstream_failed;
    if (step == Call::Step::failed) break;
    if (step != Call::Step::blocked && !relay.take(pieces)) co_return Ending::upstream_failed;
    if (step == Call::Step::complete) {
      if (!relay.give()) co_return Ending::upstream_failed;
      context.watch.stop(deadline::Phase::idle);
      call.finish();
      break;
    }
    // The connection is kept if the upstream ends its body soon. The answer waits for that, as the end of a
    // stream does: the client's next request could not begin before.
    if (relay.done()) relay.wait_for_end();
    if (step == Call::Step::data) continue;
    const auto raised = co_await context.watch.wait(bits::upstream_readable);
    if (!context.watch.interrupted(raised)) continue;
    if (!relay.done() || !only_end_missing(context.watch)) co_return Ending::interrupted;
    break;
  }
  if (!context.client.ended()) {
    if (!relay.give()) co_return Ending::upstream_failed;
    call.cancel();
  }
  if (context.client.blocked()) {
    const bool drained = co_await context.client.drained(context.watch);
    if (!drained) co_return context.watch.interruption() ? Ending::interrupted : Ending::client_broken;
  }
  co_return context.client.broken() ? Ending::client_broken : Ending::complete;
}

}  // namespace punctual::relay
