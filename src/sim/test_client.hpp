// For tests: a client of one simulator over a memory stream, on a clock that the test moves.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"
#include "http/response_parser.hpp"
#include "net/memory_stream.hpp"
#include "net/runtime.hpp"
#include "sim/counters.hpp"
#include "sim/simulator.hpp"

namespace punctual::sim {

struct Answer {
  int status = 0;  // 0: no head
  std::string body;
  std::string content_type;
  std::string retry_after;
  bool chunked = false;
  bool complete = false;
  bool malformed = false;
  std::size_t chunks = 0;  // pieces in which the body came
};

class TestClient {
 public:
  explicit TestClient(const net::MemoryStreamOptions& to_client = {}) : to_client_(to_client) { connect(); }
  ~TestClient() {
    stream_.reset();
    simulator_.shut_down();
    runtime_.ready().run();
  }

  void connect() {
    auto [client, server] = net::memory_stream_pair(runtime_, {}, to_client_);
    stream_ = std::move(client);
    simulator_.serve(std::move(server));
    runtime_.ready().run();
    raw_.clear();
    ended_ = failed_ = false;
  }

  void send(std::string_view bytes) {
    (void)stream_->try_write({&bytes, 1});
    runtime_.ready().run();
  }
  void post(std::string_view path, const std::string& body, std::string_view extra = {}) {
    send("POST " + std::string(path) + " HTTP/1.1\r\nHost: sim\r\n" + std::string(extra) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  void get(std::string_view path) { send("GET " + std::string(path) + " HTTP/1.1\r\nHost: sim\r\n\r\n"); }
  void stream(std::string_view options, std::string_view members = {}) {
    post("/v1/chat/completions", chat(options, ",\"stream\":true" + std::string(members)));
  }
  void ask(std::string_view options, std::string_view members = {}) {
    post("/v1/chat/completions", chat(options, members));
  }
  static std::string chat(std::string_view options, std::string_view members = {}) {
    return R"({"model":"sim:)" + std::string(options) + R"(","messages":[])" + std::string(members) + "}";
  }

  // In steps of a millisecond; reads what comes.
  void advance(int milliseconds) {
    for (int i = 0; i < milliseconds; ++i) {
      clock_.advance(std::chrono::milliseconds(1));
      runtime_.wheel().advance(clock_.now());
      runtime_.ready().run();
      read();
    }
  }

  // All that came and was not `clear`ed.
  const std::string& raw() {
    read();
    return raw_;
  }
  void clear() {
    read();
    raw_.clear();
  }
  bool ended() {
    read();
    return ended_;
  }
  bool failed() {
    read();
    return failed_;
  }

  // The first answer of what came; it and what is before it are taken away when it is complete.
  Answer answer() {
    read();
    http::ResponseParser parser;
    Answer answer;
    std::string_view left = raw_;
    left.remove_prefix(parser.feed_head(left));
    if (parser.state() != http::ResponseParser::State::head &&
        parser.state() != http::ResponseParser::State::failed) {
      answer.status = parser.head().status;
      answer.content_type = parser.head().headers.value("content-type");
      answer.retry_after = parser.head().headers.value("retry-after");
      answer.chunked = parser.head().chunked;
    }
    http::BodyPieces pieces;
    while (parser.state() == http::ResponseParser::State::body && !left.empty()) {
      left.remove_prefix(parser.feed_body(left, pieces));
      for (const auto piece : pieces.content)
        answer.body.append(piece);
      answer.chunks += pieces.content.size();
    }
    answer.complete = parser.state() == http::ResponseParser::State::complete;
    answer.malformed = parser.state() == http::ResponseParser::State::failed;
    if (answer.complete) raw_ = std::string(left);
    return answer;
  }

  void hang_up() {
    stream_->close();
    runtime_.ready().run();
  }

  net::Runtime& runtime() { return runtime_; }
  net::Stream& stream() { return *stream_; }
  Counters& counters() { return counters_; }
  Simulator& simulator() { return simulator_; }

 private:
  void read() {
    for (;;) {
      char bytes[4096];
      const auto got = stream_->try_read(bytes);
      if (got.kind == net::IoResult::Kind::done) {
        raw_.append(bytes, got.bytes);
      } else {
        ended_ = ended_ || got.kind == net::IoResult::Kind::end;
        failed_ = failed_ || got.kind == net::IoResult::Kind::failed;
        return;
      }
      runtime_.ready().run();
    }
  }

  deadline::ManualClock clock_;
  net::Runtime runtime_{clock_};
  Counters counters_;
  Simulator simulator_{runtime_, counters_};
  net::MemoryStreamOptions to_client_;
  std::unique_ptr<net::Stream> stream_;
  std::string raw_;
  bool ended_ = false;
  bool failed_ = false;
};

// How often `part` stands in `text`.
inline std::size_t times(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

}  // namespace punctual::sim
