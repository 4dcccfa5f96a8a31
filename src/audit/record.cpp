#include "audit/record.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/decimal.hpp"

namespace punctual::audit {

namespace {

constexpr std::size_t text_bytes_max = 512;

// Writes the members of one object; text is escaped as RFC 8259 wants it. Bytes that are no ASCII stay as
// they are when they come from validated JSON; others (header values) may be no UTF-8, so they are masked.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_.push_back('{'); }
  void end() { out_.push_back('}'); }

  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    quoted(value.substr(0, text_bytes_max));
  }
  void number(std::string_view name, std::uint64_t value) {
    key(name);
    base::append_unsigned(out_, value);
  }
  void number(std::string_view name, std::optional<std::uint64_t> value) {
    if (value) number(name, *value);
  }
  void milliseconds(std::string_view name, std::optional<deadline::Duration> value) {
    if (!value) return;
    key(name);
    base::append_milliseconds(out_, *value);
  }
  void seconds(std::string_view name, deadline::Duration value) {
    key(name);
    base::append_seconds(out_, value);
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    out_.append(value ? "true" : "false");
  }
  void key(std::string_view name) {
    if (!std::exchange(first_, false)) out_.push_back(',');
    out_.push_back('"');
    out_.append(name).append("\":");
  }

 private:
  static bool is_plain(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '"' &&
           c != '\\';
  }

  void quoted(std::string_view value) {
    out_.push_back('"');
    while (!value.empty()) {
      const auto odd = std::ranges::find_if_not(value, is_plain);
      const auto plain = static_cast<std::size_t>(odd - value.begin());
      out_.append(value.substr(0, plain));
      value.remove_prefix(plain);
      if (value.empty()) break;
      const char c = value.front();
      value.remove_prefix(1);
      if (c == '"' || c == '\\') {
        out_.push_back('\\');
        out_.push_back(c);
      } else {
        fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned char>(c));
      }
    }
    out_.push_back('"');
  }

  std::string& out_;
  bool first_ = true;
};

void append_attempt(std::string& out, const Attempt& attempt) {
  Members members(out);
  members.text("provider", attempt.provider);
  members.text("model", attempt.model);
  members.text("outcome", attempt.outcome);
  members.text("detail", attempt.detail);
  if (attempt.status) members.number("status", static_cast<std::uint64_t>(attempt.status));
  members.boolean("reused_connection", attempt.reused_connection);
  members.milliseconds("connect_ms", attempt.connect);
  members.milliseconds("first_token_ms", attempt.first_token);
  members.milliseconds("duration_ms", attempt.duration);
  members.end();
}

// fmt's time zone conversion costs a microsecond; the second changes rarely.
void append_time(std::string& out, deadline::WallTime time) {
  thread_local std::int64_t kept_second = -1;
  thread_local std::string kept;
  const std::int64_t nanoseconds = time.time_since_epoch().count();
  const std::int64_t second = nanoseconds / 1'000'000'000;
  if (second != kept_second) {
    kept = fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(second)));
    kept_second = second;
  }
  const auto millisecond = static_cast<int>(nanoseconds % 1'000'000'000 / 1'000'000);
  const char rest[] = {'.',
                       static_cast<char>('0' + millisecond / 100),
                       static_cast<char>('0' + millisecond / 10 % 10),
                       static_cast<char>('0' + millisecond % 10),
                       'Z',
                       '"'};
  out.push_back('"');
  out.append(kept).append(rest, sizeof rest);
}

}  // namespace

void append_json_line(std::string& out, const Record& record) {
  Members members(out);
  members.key("time");
  append_time(out, record.started);
  members.text("request_id", record.request_id);
  members.text("upstream_request_id", record.upstream_request_id);
  members.text("endpoint", record.endpoint);
  members.text("path", record.path);
  members.text("model", record.model);
  members.boolean("stream", record.stream);
  members.text("rule", record.rule);
  members.number("status", static_cast<std::uint64_t>(record.status));
  members.text("outcome", record.outcome);
  members.text("ended_by", record.ended_by);
  members.text("detail", record.detail);
  if (record.fired) {
    members.text("limit", deadline::name_of(record.fired->phase));
    if (record.fired->limit.duration) members.seconds("limit_seconds", *record.fired->limit.duration);
    members.text("limit_source", record.fired->limit.source.text());
  }
  if (record.total && record.total->duration) {
    members.seconds("total_limit_seconds", *record.total->duration);
    members.text("total_limit_source", record.total->source.text());
  }
  members.milliseconds("receive_ms", record.receive);
  members.milliseconds("connect_ms", record.connect);
  members.milliseconds("first_token_ms", record.first_token);
  members.milliseconds("cancel_ms", record.cancel);
  members.milliseconds("duration_ms", record.duration);
  members.number("prompt_tokens", record.prompt_tokens);
  members.number("completion_tokens", record.completion_tokens);
  members.number("cached_tokens", record.cached_tokens);
  members.number("reasoning_tokens", record.reasoning_tokens);
  if (record.stream) members.number("content_events", record.content_events);
  if (record.heartbeats) members.number("heartbeats", record.heartbeats);
  members.number("bytes_in", record.bytes_in);
  members.number("bytes_out", record.bytes_out);
  members.text("client", record.client);
  if (!record.attempts.empty()) {
    members.key("attempts");
    out.push_back('[');
    for (std::size_t i = 0; i < record.attempts.size(); ++i) {
      if (i) out.push_back(',');
      append_attempt(out, record.attempts[i]);
    }
    out.push_back(']');
  }
  members.end();
  out.push_back('\n');
}

}  // namespace punctual::audit
