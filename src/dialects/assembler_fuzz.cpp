// Any bytes as a stream of each kind: what comes is a JSON object or says what is wrong.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dialects/assembler.hpp"
#include "http/sse.hpp"
#include "json/reader.hpp"

namespace {

using namespace punctual;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(dialects::StreamKind kind, std::string_view bytes) {
  const auto assembler = dialects::make_assembler(kind);
  http::SseEvents events(bytes);
  bool taken = true;
  for (std::string_view event; events.next(event);) {
    const bool now = assembler->event(event);
    require(taken || !now);
    taken = now;
  }
  require(taken == assembler->problem().empty());
  json::Reader reader;
  if (!assembler->upstream_error().empty())
    require(reader.read_copy(assembler->upstream_error())->is_object());
  const auto document = assembler->document();
  if (!document) return require(!document.error().empty());
  const auto written = reader.read_copy(*document);
  require(written && written->is_object());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto kind : {dialects::StreamKind::chat_completions, dialects::StreamKind::completions,
                          dialects::StreamKind::messages})
    check(kind, bytes);
  return 0;
}
