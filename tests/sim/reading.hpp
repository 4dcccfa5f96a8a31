// What a client got, taken apart: answers, and the events of those that are streams.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/sse.hpp"
#include "sim/client.hpp"

namespace punctual::simulation {

struct ReceivedEvent {
  std::string raw;  // its blank line included
  std::string name;
  std::string data;
  bool has_data = false;
  deadline::Instant at{};

  bool heartbeat() const { return raw == http::sse_heartbeat || raw == http::messages_heartbeat; }
  boost::json::object json() const;  // of the data; empty when it is none
  // The text that it adds to the answer, reasoning and tool calls not counted.
  std::string text() const;
  bool carries_content() const;
};

struct Received {
  int status = 0;  // 0: no head
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool complete = false;  // ended as HTTP says
  bool malformed = false;
  deadline::Instant head_at = deadline::Instant::max();
  deadline::Instant last_at = deadline::Instant::max();  // of its last byte

  std::vector<ReceivedEvent> events;  // of an event stream
  std::string unfinished;             // what has no blank line behind it

  std::string header(std::string_view name) const;  // the name in lower case
  bool is_stream() const { return header("content-type").starts_with("text/event-stream"); }
  boost::json::object json() const;  // of the body
  // Of the tokens, in order: "tok1 tok2".
  std::string text() const;
  std::size_t heartbeats() const;
  bool has_done() const;
  // The last event if it is an error event.
  const ReceivedEvent* error_event() const;
};

// One for each request that an answer began for.
std::vector<Received> read_answers(const Client& client);

// The last of them, or an empty one.
Received last_answer(const Client& client);

}  // namespace punctual::simulation
