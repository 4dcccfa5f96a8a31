// One answer of a model, put together from the events of its stream (the OpenAI format): the text, the calls
// of tools, how it ended. Everything is bounded. One loop only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.hpp"

namespace punctual::chat {

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // as the model wrote them
};

struct Usage {
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
};

class ModelAnswer {
 public:
  static constexpr std::size_t bytes_max = std::size_t{4} << 20;  // of text, reasoning and arguments together
  static constexpr std::size_t event_bytes_max = std::size_t{1} << 20;
  static constexpr std::size_t calls_max = 32;

  explicit ModelAnswer(json::Reader& reader) : reader_(reader) {}

  // What one event adds, to be told at once.
  struct Delta {
    std::string text;
    std::string reasoning;
  };
  // `bytes` of the stream; appends what each event adds.
  void feed(std::string_view bytes, std::vector<Delta>& deltas);

  // Nothing more is to be fed.
  bool ended() const { return done_ || !error_.empty() || !problem_.empty() || excessive_; }
  bool done() const { return done_; }
  // The data of the gateway's own last event; empty: there was none.
  const std::string& problem() const { return problem_; }
  // What the upstream said instead of going on; empty: nothing.
  const std::string& error() const { return error_; }
  bool excessive() const { return excessive_; }

  const std::string& text() const { return text_; }
  const std::vector<ToolCall>& calls() const { return calls_; }
  const std::string& finish_reason() const { return finish_reason_; }
  const std::optional<Usage>& usage() const { return usage_; }

 private:
  void read_event(std::string_view event, std::vector<Delta>& deltas);
  void read_chunk(const json::Element& chunk, std::vector<Delta>& deltas);
  void read_call(const json::Element& part);
  bool take(std::size_t bytes);

  json::Reader& reader_;
  std::string rest_;  // of an event that is not whole
  std::string joined_;
  std::string text_;
  std::vector<ToolCall> calls_;
  std::vector<std::int64_t> indices_;  // of the calls, as the model counts them
  std::string finish_reason_;
  std::optional<Usage> usage_;
  std::string problem_;
  std::string error_;
  std::size_t bytes_ = 0;
  bool done_ = false;
  bool excessive_ = false;
};

}  // namespace punctual::chat
