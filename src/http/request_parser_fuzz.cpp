// Any bytes as a connection's requests: however they are split the outcome is the same, and what is accepted
// passes an independent check of everything that parsers disagree about.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_parser.hpp"

namespace {

using punctual::http::RequestParser;
using State = RequestParser::State;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::uint64_t body_bytes_max = 4096;

struct Message {
  State state = State::head;
  int status = 0;
  std::string head, body;
  bool operator==(const Message&) const = default;
};

std::string summary(const RequestParser& parser) {
  const auto& head = parser.head();
  std::string text =
      std::string(head.method) + " " + std::string(head.target) + " " + std::to_string(head.minor_version);
  for (const auto& field : head.headers)
    text.append("\n").append(field.name).append(":").append(field.value);
  return text + (head.keep_alive ? "\nkeep" : "\nclose");
}

// The messages of the bytes, cut into pieces of `step` bytes; `ends` are where they end.
std::vector<Message> parse(std::string_view bytes, std::size_t step, std::vector<std::size_t>& ends) {
  RequestParser parser(body_bytes_max);
  std::vector<Message> messages;
  std::size_t at = 0;
  std::size_t piece_end = 0;
  while (at < bytes.size()) {
    if (piece_end <= at) piece_end = std::min(bytes.size(), at + step);
    const std::size_t used = parser.feed(bytes.substr(at, piece_end - at));
    require(used <= piece_end - at);
    at += used;
    if (parser.state() == State::failed) break;
    if (parser.state() != State::complete) continue;
    messages.push_back({State::complete, 0, summary(parser), parser.body()});
    ends.push_back(at);
    parser.reset();
  }
  if (parser.state() == State::failed) {
    require(parser.error().status >= 400 && !parser.error().detail.empty());
    messages.push_back({State::failed, parser.error().status, {}, {}});
  } else if (parser.state() == State::body) {
    messages.push_back({State::body, 0, summary(parser), {}});
  }
  return messages;
}

bool starts_with_field(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         std::ranges::equal(line.substr(0, name.size()), name,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::string_view field_value(std::string_view line) {
  line.remove_prefix(line.find(':') + 1);
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t") + 1 - first);
}

// Written without a look at the parser: one line after the other, CR LF only. Returns the body's length as
// framed.
void check_plain(std::string_view message) {
  while (message.starts_with("\r\n"))
    message.remove_prefix(2);
  const auto next_line = [&message] {
    const auto end = message.find("\r\n");
    require(end != std::string_view::npos);
    const auto line = message.substr(0, end);
    require(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    message.remove_prefix(end + 2);
    return line;
  };
  const auto request_line = next_line();
  require(std::ranges::count(request_line, ' ') == 2);
  require(request_line.ends_with(" HTTP/1.1") || request_line.ends_with(" HTTP/1.0"));
  std::size_t lengths = 0;
  std::size_t codings = 0;
  std::size_t length = 0;
  for (auto line = next_line(); !line.empty(); line = next_line()) {
    const auto colon = line.find(':');
    require(colon != std::string_view::npos && colon > 0);
    require(line.substr(0, colon).find_first_of(" \t") == std::string_view::npos);
    if (starts_with_field(line, "content-length")) {
      const std::string value(field_value(line));
      require(!value.empty() && value.find_first_not_of("0123456789") == std::string::npos);
      length = std::stoull(value);
      ++lengths;
    }
    if (starts_with_field(line, "transfer-encoding")) {
      require(field_value(line).size() == 7);
      ++codings;
    }
  }
  require(lengths + codings <= 1);
  if (codings == 0) return require(message.size() == length);
  for (;;) {
    const auto line = next_line();
    const std::string digits(line.substr(0, line.find(';')));
    require(!digits.empty() && digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos);
    const auto size = std::stoull(digits, nullptr, 16);
    if (size == 0) break;
    require(message.size() >= size + 2 && message.substr(size, 2) == "\r\n");
    message.remove_prefix(size + 2);
  }
  for (auto line = next_line(); !line.empty(); line = next_line())
    require(line.find(':') != std::string_view::npos && line.front() != ' ' && line.front() != '\t');
  require(message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<std::size_t> ends;
  const auto whole = parse(bytes, std::max<std::size_t>(size, 1), ends);
  for (const std::size_t step : {1u, 2u, 3u, 7u, 64u}) {
    std::vector<std::size_t> step_ends;
    require(parse(bytes, step, step_ends) == whole);
    require(step_ends == ends);
  }
  std::size_t begin = 0;
  for (const auto end : ends) {
    check_plain(bytes.substr(begin, end - begin));
    begin = end;
  }
  return 0;
}
