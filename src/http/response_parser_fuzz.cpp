// Any bytes as an upstream's answer: however they are split the outcome is the same, and what is said to
// travel as it came is plainly framed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/head_writer.hpp"
#include "http/response_parser.hpp"

namespace {

using namespace punctual::http;
using State = ResponseParser::State;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  State state = State::head;
  int status = 0;
  std::string fields, content;
  std::size_t used = 0;
  bool keep_alive = false;
  bool operator==(const Outcome&) const = default;
};

void check_verbatim(std::string_view bytes, const BodyPieces& pieces) {
  std::string framed;
  for (const auto piece : pieces.content)
    framed.append(ChunkSize(piece.size()).text()).append(piece).append(chunk_end);
  if (framed.size() < bytes.size()) framed.append(last_chunk);
  const auto same = [](char a, char b) { return a == b || (a >= 'A' && a <= 'F' && a + 32 == b); };
  require(std::ranges::equal(bytes, framed, same));
}

Outcome parse(std::string_view bytes, std::size_t step) {
  ResponseParser parser;
  BodyPieces pieces;
  Outcome outcome;
  while (outcome.used < bytes.size() && parser.state() != State::complete &&
         parser.state() != State::failed) {
    const auto part = bytes.substr(outcome.used, step - outcome.used % step);
    if (parser.state() == State::head) {
      const auto used = parser.feed_head(part);
      require(used <= part.size());
      outcome.used += used;
      continue;
    }
    const auto used = parser.feed_body(part, pieces);
    require(used <= part.size());
    for (const auto piece : pieces.content)
      outcome.content.append(piece);
    if (pieces.verbatim && parser.state() != State::failed) check_verbatim(part.substr(0, used), pieces);
    outcome.used += used;
  }
  parser.end_of_stream();
  outcome.state = parser.state();
  if (outcome.state == State::failed) {
    require(!parser.error().empty());
    return {State::failed, 0, {}, {}, 0, false};
  }
  outcome.status = parser.head().status;
  for (const auto& field : parser.head().headers)
    outcome.fields.append(field.name).append(":").append(field.value).append("\n");
  outcome.keep_alive = parser.keep_alive();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = parse(bytes, std::max<std::size_t>(size, 1));
  for (const std::size_t step : {1u, 2u, 5u, 33u})
    require(parse(bytes, step) == whole);
  return 0;
}
