// One connection: reads its requests one after the other and answers each.
//
// Pipelined requests wait unread, as far as they were not read with the one before. Lives in the frame of its
// coroutine, which ends when the client goes, an answer makes the connection unusable, or `stop` is called.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/intrusive_list.hpp"
#include "base/task.hpp"
#include "http/request_parser.hpp"
#include "json/reader.hpp"
#include "sim/ask.hpp"
#include "sim/counters.hpp"
#include "sim/line.hpp"
#include "sim/performance.hpp"
#include "sim/routes.hpp"

namespace punctual::sim {

class Session : public base::ListNode<Session> {
 public:
  Session(net::Runtime& runtime, Counters& counters, json::Reader& reader,
          std::unique_ptr<net::Stream> stream);

  base::Task<void> run();
  void stop() { line_.stop(); }

 private:
  base::Task<bool> read_request();
  void feed(std::string_view bytes);
  bool wants_continue() const;

  // These tell whether the connection may serve another request.
  base::Task<bool> answer();
  base::Task<bool> generate(Operation operation);
  base::Task<bool> refuse(int status, Operation operation, Refusal refusal);
  base::Task<bool> reply(int status, std::string text);

  std::string information(Route route, std::string_view path) const;
  bool count(Outcome outcome);

  Counters& counters_;
  json::Reader& reader_;
  Line line_;
  http::RequestParser parser_;
  std::string unread_;  // of the next request
  std::optional<deadline::Duration> keepalive_;
  bool continued_ = false;
};

}  // namespace punctual::sim
