#include "bench/messages.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/text.hpp"

namespace punctual::bench {

namespace {

constexpr std::string_view number_marker = "\"user\":\"bench-";
constexpr std::size_t number_digits = 10;

// Both with as much text between them as makes `size` bytes.
std::string filled(std::string_view before, std::string_view after, std::size_t size) {
  const std::size_t given = before.size() + after.size();
  const std::string text(size > given ? size - given : 0, 'x');
  return std::string(before).append(text).append(after);
}

std::string_view field_value(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        base::equals_ignoring_case(line.substr(0, name.size()), name)) {
      return base::trimmed(line.substr(name.size() + 1));
    }
  }
  return {};
}

}  // namespace

std::string request_text(const RequestShape& shape) {
  const std::string before =
      fmt::format(R"({{"model":"bench-large","stream":{},{}{:0{}}","messages":[{{"role":"user","content":")",
                  shape.stream, number_marker, shape.number, number_digits);
  const std::string body = filled(before, R"("}]})", request_body_bytes);
  std::string text = fmt::format(
      "POST {} HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\nContent-Type: application/json\r\n"
      "User-Agent: punctual-bench\r\nContent-Length: {}\r\n",
      shape.path, body.size());
  if (shape.timeout) text += fmt::format("X-Request-Timeout: {:.6f}\r\n", deadline::seconds(*shape.timeout));
  return text + "\r\n" + body;
}

std::uint64_t number_in(std::string_view body) {
  const auto found = body.find(number_marker);
  if (found == std::string_view::npos) return 0;
  return base::parse_unsigned(body.substr(found + number_marker.size(), number_digits)).value_or(0);
}

const std::string& answer_text() {
  static const std::string text = [] {
    const std::string body = filled(
        R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"bench-large",)"
        R"("choices":[{"index":0,"message":{"role":"assistant","content":")",
        R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":90,"total_tokens":99}})",
        answer_body_bytes);
    return fmt::format(
        "HTTP/1.1 200 OK\r\nDate: Sat, 01 Jan 2028 00:00:00 GMT\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        body.size(), body);
  }();
  return text;
}

std::string_view stream_head() {
  return "HTTP/1.1 200 OK\r\nDate: Sat, 01 Jan 2028 00:00:00 GMT\r\nContent-Type: text/event-stream\r\n"
         "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::string_view event_chunk(deadline::Instant sent) {
  static constexpr std::string_view before =
      R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,)"
      R"("model":"bench-large","choices":[{"index":0,"delta":{"content":")";
  static constexpr std::string_view after = "\"},\"finish_reason\":null}]}\n\n";
  static constexpr std::size_t digits = 16;
  static std::string chunk =
      fmt::format("{:x}\r\n{}{:0{}}{}\r\n", before.size() + digits + after.size(), before, 0, digits, after);
  static const std::size_t place = chunk.find(after) - digits;
  fmt::format_to(chunk.data() + place, "{:016x}",
                 static_cast<std::uint64_t>(sent.time_since_epoch().count()));
  return chunk;
}

deadline::Instant EventTimes::time_from(std::string_view hexadecimal) {
  std::uint64_t nanoseconds = 0;
  std::from_chars(hexadecimal.data(), hexadecimal.data() + hexadecimal.size(), nanoseconds, 16);
  return deadline::Instant(deadline::Duration(static_cast<std::int64_t>(nanoseconds)));
}

std::optional<AnswerHead> read_answer_head(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view text = bytes.substr(0, end);
  AnswerHead head;
  head.bytes = end + 4;
  constexpr std::size_t status_at = 9;
  if (text.size() > status_at)
    head.status = static_cast<int>(base::parse_unsigned(text.substr(status_at, 3)).value_or(0));
  head.content_length = base::parse_unsigned(field_value(text, "content-length"));
  head.event_stream = field_value(text, "content-type").starts_with("text/event-stream");
  return head;
}

std::optional<RequestFrame> read_request_frame(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  RequestFrame frame{end + 4, 0};
  frame.body_bytes = base::parse_unsigned(field_value(bytes.substr(0, end), "content-length")).value_or(0);
  return frame;
}

}  // namespace punctual::bench
