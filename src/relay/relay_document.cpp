#include <optional>

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

// The whole document, as the client is to have it. Nothing: it cannot be translated, and the call says why.
std::optional<std::string> converted(const RelayContext& context, Call& call, std::string_view document) {
  auto own = context.conversion->document(document);
  if (own) return std::move(*own);
  call.refuse("sent " + own.error());
  return std::nullopt;
}

}  // namespace

base::Task<Ending> relay_document(RelayContext context, Call& call) {
  auto& pieces = context.workspace.pieces;
  std::string held;
  const bool converts = context.conversion != nullptr;
  const std::size_t held_max = converts ? document_bytes_converted_max : document_bytes_held_max;
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
      std::optional<std::string> own;
      if (converts) {
        own = converted(context, call, document);
        if (!own) co_return Ending::upstream_failed;
        document = *own;
      }
      if (context.copy) context.copy->append(document);
      const OwnDocument instead{{}, document.size()};
      context.head.begin_answer(converts ? &instead : nullptr);
      context.client.end({&document, 1});
      call.finish();
      break;
    }
    if (step == Call::Step::data) {
      for (const auto piece : pieces.content)
        held.append(piece);
      if (held.size() <= held_max) continue;
      if (converts) {
        call.refuse("sent a document larger than " + std::to_string(held_max) +
                    " bytes, which cannot be translated");
        co_return Ending::upstream_failed;
      }
      context.head.begin_answer(nullptr);
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
