// What the translators of answers share: the events of an upstream's stream, read; usage; ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dialects/request_writing.hpp"
#include "dialects/translation.hpp"
#include "json/reader.hpp"

namespace punctual::dialects {

enum class UpstreamEventKind : std::uint8_t {
  silence,  // a comment, or no data
  done,     // [DONE]
  data,     // an object
  broken,   // data that is no JSON object
};

struct UpstreamEvent {
  UpstreamEventKind kind = UpstreamEventKind::silence;
  bool named_error = false;  // event: error
  json::Element document;    // both valid until the next event
  object data;
};

class EventReader {
 public:
  UpstreamEvent read(std::string_view event);

 private:
  json::Reader reader_;
  std::string joined_;
};

// Tokens, as both formats count them: `cached` and `cache_written` are part of `input`.
struct TokenCounts {
  std::uint64_t input = 0;
  std::uint64_t cached = 0;
  std::uint64_t cache_written = 0;
  std::uint64_t output = 0;
  std::uint64_t reasoning = 0;
  bool known = false;

  void read_chat(const object& usage);
  // Messages: counts that the newer event does not tell stay.
  void read_messages(const object& usage);
  void append_as_chat(std::string& out) const;
  void append_as_messages(std::string& out) const;

 private:
  std::uint64_t uncached_ = 0;
};

// `id` with `prefix` in place of the other format's; one made of the request's id where it is empty.
std::string answer_id(std::string_view prefix, std::string_view other_prefix, std::string_view id,
                      std::string_view request_id);

// stop_reason of Messages for the finish reason of a chat, and the other way round.
std::string_view stop_reason_of(std::string_view finish_reason, bool has_tools);
std::string_view finish_reason_of(std::string_view stop_reason);

}  // namespace punctual::dialects
