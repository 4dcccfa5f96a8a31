// What an event of an upstream's stream means for the clocks and the counters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/operation.hpp"
#include "json/reader.hpp"

namespace punctual::api {

enum class EventKind : std::uint8_t {
  silence,   // a comment, a heartbeat, an empty delta: nothing that feeds a clock
  progress,  // no content, but declared progress: prefill progress, a finish reason, usage
  content,   // text, reasoning, a tool call
  done,      // the stream's own end: [DONE], message_stop
  error,     // the upstream's error event
};

// Tokens as the upstream counted them.
struct Usage {
  std::optional<std::uint64_t> prompt_tokens;
  std::optional<std::uint64_t> completion_tokens;
  std::optional<std::uint64_t> cached_tokens;
  std::optional<std::uint64_t> reasoning_tokens;

  void update(const Usage& newer);  // keeps what `newer` does not say
};

// Looks at the events of one loop's streams. Common content events are recognised without parsing JSON.
class ContentReader {
 public:
  explicit ContentReader(json::Reader& reader) : reader_(reader) {}

  // `event` is one whole event; `usage` is updated where it tells usage.
  EventKind read(std::string_view event, Usage& usage);

  // The usage in a whole JSON answer, if it tells.
  Usage usage_of(std::string_view document);

 private:
  EventKind read_data(std::string_view data, Usage& usage);

  json::Reader& reader_;
  std::string joined_;
};

}  // namespace punctual::api
