#include "audit/record.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/decimal.hpp"

namespace punctual::audit {

namespace {

constexpr std::size_t text_bytes_max = 512;
constexpr std::size_t escaped_bytes_max = 6;  // of one byte

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '"' &&
         c != '\\';
}

// As is_plain of each byte; no early end, so that many bytes are looked at together.
bool all_plain(std::string_view text) {
  bool odd = false;
  for (const char c : text)
    odd |= !is_plain(c);
  return !odd;
}

// U+0080 to U+009F, which terminals obey as they do the controls of ASCII.
bool has_controls(std::string_view utf8) {
  for (auto at = utf8.find('\xc2'); at != std::string_view::npos; at = utf8.find('\xc2', at + 1)) {
    if (at + 1 < utf8.size() && static_cast<unsigned char>(utf8[at + 1]) < 0xa0) return true;
  }
  return false;
}

// At most `text_bytes_max`, and no half of a character of UTF-8 at the end.
std::string_view beginning_of(std::string_view text) {
  if (text.size() <= text_bytes_max) return text;
  std::size_t size = text_bytes_max;
  while (size > text_bytes_max - 4 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
    --size;
  return text.substr(0, size);
}

// Writes members at a place that has room for all of them. Each begins with its comma, in `key`: `,"name":`.
// Text is escaped as RFC 8259 wants it; bytes that are no UTF-8 are masked, each as the character of its
// number.
class Members {
 public:
  explicit Members(char* at) : at_(at) {}
  char* at() const { return at_; }

  void literal(std::string_view written) {
    std::memcpy(at_, written.data(), written.size());
    at_ += written.size();
  }
  // Of our own words, which need no escape.
  void word(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    literal(key);
    *at_++ = '"';
    literal(value);
    *at_++ = '"';
  }
  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    literal(key);
    *at_++ = '"';
    escaped(beginning_of(value));
    *at_++ = '"';
  }
  void source(std::string_view key, const deadline::Source& source) {
    literal(key);
    *at_++ = '"';
    literal(deadline::name_of(source.kind));
    if (!source.name.empty()) {
      *at_++ = ' ';
      escaped(beginning_of(source.name));
    }
    *at_++ = '"';
  }
  void number(std::string_view key, std::uint64_t value) {
    literal(key);
    at_ = base::write_unsigned(at_, value);
  }
  void number(std::string_view key, const std::optional<std::uint64_t>& value) {
    if (value) number(key, *value);
  }
  void milliseconds(std::string_view key, const std::optional<deadline::Duration>& value) {
    if (value) milliseconds(key, *value);
  }
  void milliseconds(std::string_view key, deadline::Duration value) {
    literal(key);
    at_ = base::write_milliseconds(at_, value);
  }
  void seconds(std::string_view key, deadline::Duration value) {
    literal(key);
    at_ = base::write_seconds(at_, value);
  }
  void boolean(std::string_view key, bool value) {
    literal(key);
    literal(value ? std::string_view("true") : std::string_view("false"));
  }
  void time(std::string_view key, deadline::WallTime time);

 private:
  void escaped(std::string_view value) {
    if (all_plain(value)) return literal(value);
    const bool is_utf8 = simdjson::validate_utf8(value.data(), value.size()) && !has_controls(value);
    for (const char c : value) {
      if (is_plain(c) || (is_utf8 && static_cast<unsigned char>(c) >= 0x80)) {
        *at_++ = c;
      } else if (c == '"' || c == '\\') {
        *at_++ = '\\';
        *at_++ = c;
      } else {
        constexpr std::string_view digits = "0123456789abcdef";
        literal("\\u00");
        *at_++ = digits[static_cast<unsigned char>(c) >> 4];
        *at_++ = digits[static_cast<unsigned char>(c) & 15];
      }
    }
  }

  char* at_;
};

// fmt's time zone conversion costs a microsecond; the second changes rarely.
void Members::time(std::string_view key, deadline::WallTime time) {
  thread_local std::int64_t kept_second = -1;
  thread_local std::string kept;
  const std::int64_t nanoseconds = time.time_since_epoch().count();
  const std::int64_t second = nanoseconds / 1'000'000'000;
  if (second != kept_second) {
    kept = fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(second)));
    kept_second = second;
  }
  const auto millisecond = static_cast<int>(nanoseconds % 1'000'000'000 / 1'000'000);
  literal(key);
  *at_++ = '"';
  literal(kept);
  *at_++ = '.';
  *at_++ = static_cast<char>('0' + millisecond / 100);
  *at_++ = static_cast<char>('0' + millisecond / 10 % 10);
  *at_++ = static_cast<char>('0' + millisecond % 10);
  literal("Z\"");
}

// What the longest line of these would need: all texts escaped byte by byte, all numbers as long as they get.
constexpr std::size_t fixed_bytes_max = 2048;  // keys, numbers and words of the record itself
constexpr std::size_t attempt_bytes_max = 512;

template <class... Texts>
std::size_t room_for(const Texts&... texts) {
  return (... + (escaped_bytes_max * std::min(texts.size(), text_bytes_max)));
}

std::size_t bytes_max_of(const Record& record) {
  std::size_t bytes =
      fixed_bytes_max + room_for(record.request_id, record.upstream_request_id, record.path, record.model,
                                 record.rule, record.detail, record.client, record.api_key);
  if (record.fired) bytes += room_for(record.fired->limit.source.name);
  if (record.total) bytes += room_for(record.total->source.name);
  for (const Attempt& attempt : record.attempts)
    bytes += attempt_bytes_max + room_for(attempt.provider, attempt.model, attempt.detail);
  return bytes;
}

char* write_attempt(char* to, const Attempt& attempt) {
  Members members(to);
  members.text(R"(,"provider":)", attempt.provider);
  members.text(R"(,"model":)", attempt.model);
  members.word(R"(,"outcome":)", attempt.outcome);
  members.text(R"(,"detail":)", attempt.detail);
  if (attempt.status) members.number(R"(,"status":)", static_cast<std::uint64_t>(attempt.status));
  members.boolean(R"(,"reused_connection":)", attempt.reused_connection);
  members.milliseconds(R"(,"connect_ms":)", attempt.connect);
  members.milliseconds(R"(,"first_token_ms":)", attempt.first_token);
  members.milliseconds(R"(,"duration_ms":)", attempt.duration);
  members.literal("}");
  *to = '{';  // in the place of the first comma
  return members.at();
}

char* write_line(char* to, const Record& record) {
  Members members(to);
  members.time(R"({"time":)", record.started);
  members.text(R"(,"request_id":)", record.request_id);
  members.text(R"(,"upstream_request_id":)", record.upstream_request_id);
  members.word(R"(,"endpoint":)", record.endpoint);
  members.text(R"(,"path":)", record.path);
  members.text(R"(,"model":)", record.model);
  members.boolean(R"(,"stream":)", record.stream);
  members.text(R"(,"rule":)", record.rule);
  members.number(R"(,"status":)", static_cast<std::uint64_t>(record.status));
  members.word(R"(,"outcome":)", record.outcome);
  members.word(R"(,"ended_by":)", record.ended_by);
  members.text(R"(,"detail":)", record.detail);
  if (record.fired) {
    members.word(R"(,"limit":)", deadline::name_of(record.fired->phase));
    if (record.fired->limit.duration) members.seconds(R"(,"limit_seconds":)", *record.fired->limit.duration);
    members.source(R"(,"limit_source":)", record.fired->limit.source);
  }
  if (record.total && record.total->duration) {
    members.seconds(R"(,"total_limit_seconds":)", *record.total->duration);
    members.source(R"(,"total_limit_source":)", record.total->source);
  }
  members.milliseconds(R"(,"receive_ms":)", record.receive);
  members.milliseconds(R"(,"load_ms":)", record.load);
  members.milliseconds(R"(,"queue_ms":)", record.queue);
  members.milliseconds(R"(,"connect_ms":)", record.connect);
  members.milliseconds(R"(,"first_token_ms":)", record.first_token);
  members.milliseconds(R"(,"cancel_ms":)", record.cancel);
  members.milliseconds(R"(,"duration_ms":)", record.duration);
  members.number(R"(,"prompt_tokens":)", record.prompt_tokens);
  members.number(R"(,"completion_tokens":)", record.completion_tokens);
  members.number(R"(,"cached_tokens":)", record.cached_tokens);
  members.number(R"(,"reasoning_tokens":)", record.reasoning_tokens);
  if (record.stream || record.content_events > 0)
    members.number(R"(,"content_events":)", record.content_events);
  if (record.heartbeats) members.number(R"(,"heartbeats":)", record.heartbeats);
  members.number(R"(,"bytes_in":)", record.bytes_in);
  members.number(R"(,"bytes_out":)", record.bytes_out);
  members.text(R"(,"client":)", record.client);
  members.text(R"(,"api_key":)", record.api_key);
  if (record.client_waits) members.seconds(R"(,"client_waits_seconds":)", *record.client_waits);
  if (record.client_waits_between_bytes)
    members.seconds(R"(,"client_waits_between_bytes_seconds":)", *record.client_waits_between_bytes);
  members.word(R"(,"client_waits_header":)", record.client_waits_header);
  if (record.inner) members.boolean(R"(,"inner":)", true);
  if (!record.attempts.empty()) {
    members.literal(R"(,"attempts":[)");
    for (bool first = true; const Attempt& attempt : record.attempts) {
      if (!std::exchange(first, false)) members.literal(",");
      members = Members(write_attempt(members.at(), attempt));
    }
    members.literal("]");
  }
  members.literal("}\n");
  return members.at();
}

}  // namespace

void append_json_line(std::string& out, const Record& record) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + bytes_max_of(record), [&](char* text, std::size_t) {
    return static_cast<std::size_t>(write_line(text + before, record) - text);
  });
}

}  // namespace punctual::audit
