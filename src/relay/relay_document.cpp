#include "relay/relay.hpp"

namespace punctual::relay {

namespace {

namespace bits = deadline::bits;
using backend::Call;

// The rest of an answer that is too large to be held: content passes as it comes, without knowing its
// meaning.
base::Task<Ending> relay_bytes(RelayContext context, Call& call) {
  auto& pieces = context.workspace.pieces;
  for (;;) {
    if (context.client.broken()) co_return Ending::client_broken;
    if (context.client.blocked()) {
      const bool drained = co_await context.client.drained(context.watch);
      if (!drained) co_return context.watch.interruption() ? Ending::interrupted : Ending::client_broken;
    }
    std::string_view raw;
    const Call::Step step = call.read(pieces, raw);
    if (step == Call::Step::failed) co_return Ending::upstream_failed;
    if (context.copy) context.copy->append(pieces.content);
    if (step == Call::Step::complete) {
      context.client.end(pieces.content);
      call.finish();
      break;
    }
    if (step == Call::Step::data) {
      context.client.write(pieces.content);
      continue;
    }
    const auto raised = co_await context.watch.wait(bits::upstream_readable);
    if (context.watch.interrupted(raised)) co_return Ending::interrupted;
  }
  if (context.client.blocked()) {
    const bool drained = co_await context.client.drained(context.watch);
    if (!drained) co_return context.watch.interruption() ? Ending::interrupted : Ending::client_broken;
  }
  co_return context.client.broken() ? Ending::client_broken : Ending::complete;
}

}  // namespace

base::Task<Ending> relay_document(RelayContext context, Call& call) {
  auto& pieces = context.workspace.pieces;
  std::string held;
  for (;;) {
    std::string_view raw;
    const Call::Step step = call.read(pieces, raw);
    if (step == Call::Step::failed) co_return Ending::upstream_failed;
    if (step == Call::Step::complete) {
      // The usual case: the whole answer came in one read and is not copied.
      std::string_view document = pieces.content.size() == 1 ? pieces.content.front() : std::string_view{};
      if (!held.empty() || pieces.content.size() != 1) {
        for (const auto piece : pieces.content)
          held.append(piece);
        document = held;
      }
      context.tally.usage.update(context.reader.usage_of(document));
      if (context.copy) context.copy->append(document);
      context.head.begin_answer();
      context.client.end({&document, 1});
      call.finish();
      break;
    }
    if (step == Call::Step::data) {
      for (const auto piece : pieces.content)
        held.append(piece);
      if (held.size() <= document_bytes_held_max) continue;
      context.head.begin_answer();
      if (context.copy) context.copy->append(held);
      context.client.write(held);
      std::string().swap(held);
      const Ending ending = co_await relay_bytes(context, call);
      co_return ending;
    }
    const auto raised = co_await context.watch.wait(bits::upstream_readable);
    if (context.watch.interrupted(raised)) co_return Ending::interrupted;
  }
  if (context.client.blocked()) {
    const bool drained = co_await context.client.drained(context.watch);
    if (!drained) co_return context.watch.interruption() ? Ending::interrupted : Ending::client_broken;
  }
  co_return context.client.broken() ? Ending::client_broken : Ending::complete;
}

}  // namespace punctual::relay
