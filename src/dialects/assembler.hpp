// A stream put together to the one document that the same upstream would have answered without `stream`.
//
// For long calls that a client makes without streaming: the upstream streams, so that `first_token`, `idle`
// and a hang-up are seen, and the client gets its one document. Bounded by `document_bytes_max`. One answer
// each, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace punctual::dialects {

// What the stream is of.
enum class StreamKind : std::uint8_t { chat_completions, completions, messages };

class Assembler {
 public:
  static constexpr std::size_t document_bytes_max = std::size_t{32} << 20;

  virtual ~Assembler() = default;

  // One whole event. False when the answer has grown beyond the bound or the event cannot be understood; then
  // `problem` says why, to go on from "The upstream sent ".
  virtual bool event(std::string_view event) = 0;

  // After the last event: the whole document, or why it is none, to go on from "The upstream sent ".
  virtual std::expected<std::string, std::string> document() = 0;

  const std::string& problem() const { return problem_; }

 protected:
  std::string problem_;
};

std::unique_ptr<Assembler> make_assembler(StreamKind kind);

}  // namespace punctual::dialects
