// A stream put together to the one document that the same upstream would have answered without `stream`.
//
// For long calls that a client makes without streaming: the upstream streams, so that `first_token`, `idle`
// and a hang-up are seen, and the client gets its one document. Bounded by `document_bytes_max`. One answer
// each, one thread.
//
// The document has what the stream has shown, under the vendor's own names for the whole answer; what a
// vendor tells only in whole answers (often null) is not invented, and what belongs to streaming alone
// (`obfuscation`, `prompt_progress`, the `index` of a tool call) is left out. README.md has the list by
// vendor.
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

  // The error object of the upstream's error event, as JSON; empty for none.
  const std::string& upstream_error() const { return upstream_error_; }

 protected:
  std::string problem_;
  std::string upstream_error_;
};

std::unique_ptr<Assembler> make_assembler(StreamKind kind);

}  // namespace punctual::dialects
