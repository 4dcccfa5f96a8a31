#include "backend/whole_answer.hpp"

namespace punctual::backend {

using Step = Call::Step;

base::Task<std::optional<std::string>> read_whole(Call& call, deadline::Watch& watch, std::size_t bytes_max) {
  std::string document;
  http::BodyPieces pieces;
  std::string_view raw;
  for (;;) {
    const auto step = call.read(pieces, raw);
    for (const auto piece : pieces.content)
      document.append(piece);
    if (step == Step::failed || document.size() > bytes_max) co_return std::nullopt;
    if (step == Step::complete) break;
    if (step != Step::blocked) continue;
    const auto raised = co_await watch.wait(deadline::bits::upstream_readable);
    if (watch.interrupted(raised)) co_return std::nullopt;
  }
  call.finish();
  co_return document;
}

}  // namespace punctual::backend
