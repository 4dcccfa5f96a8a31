// One upstream call: connect or reuse, send, read the head, read the body. Conducted by its owner, step by
// step.
//
// Waits only through the request's watch, so every limit, the client's leaving and a stop reach it at each
// step; it starts and stops the `connect` and `first_token` clocks. Destroying a call that is not finished
// closes its connection at once: that is how upstream work is cancelled. One thread only.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "backend/connection_pool.hpp"
#include "backend/failure.hpp"
#include "backend/upstream_head.hpp"
#include "base/task.hpp"
#include "deadline/watch.hpp"
#include "net/runtime.hpp"
#include "telemetry/metrics.hpp"

namespace punctual::backend {

// What the calls of one loop share.
struct Services {
  net::Runtime& runtime;
  net::Network& network;            // for real providers
  net::Network& simulated_network;  // for the built-in one
  ConnectionPool& pool;
  telemetry::Metrics& metrics;
};

class Call {
 public:
  Call(Services& services, deadline::Watch& watch) : services_(services), watch_(watch) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { cancel(); }

  // Until the answer's head is there. The pieces of `body` must stay until then. A kept connection that turns
  // out to be closed before the first byte of an answer is replaced by a new one, once.
  base::Task<std::expected<void, Failure>> open(const UpstreamRequest& request,
                                                std::span<const std::string_view> body);

  const http::ResponseHead& head() const { return connection_->parser.head(); }
  // For an answer that may go on for long: the text of its head is not needed any more.
  void release_head_text() {
    connection_->note_head();
    connection_->parser.release_head_text();
  }

  enum class Step : std::uint8_t { data, blocked, complete, failed };
  // What can be read of the body now. `data`: `pieces` has content, `raw` the same with its framing, both
  // valid until the next suspension. `complete` comes with the last data. `blocked`: wait for
  // upstream_readable. `failed`: see `failure`.
  Step read(http::BodyPieces& pieces, std::string_view& raw);
  const Failure& failure() const { return failure_; }

  // After `complete`: keeps the connection for the next request if it may be.
  void finish();
  // The owner cannot use what came: closes the connection. `detail` goes on from "<upstream> ".
  void refuse(std::string detail);
  // Closes the connection at once. Does nothing when there is none.
  void cancel();

  bool head_received() const { return head_received_; }
  // The upstream may have the request, and its answer was not read to the end: it may still be at work.
  bool left_unfinished() const { return delivered_ && !finished_; }
  bool reused() const { return reused_; }
  std::optional<deadline::Duration> connect_duration() const { return connect_duration_; }

 private:
  base::Task<std::expected<void, Failure>> connect(const config::Provider& provider);
  base::Task<std::expected<void, Failure>> send(std::span<const std::string_view> body);
  base::Task<std::expected<void, Failure>> receive_head();
  net::IoResult write_from(std::size_t sent, std::span<const std::string_view> body);
  void stop_clocks();
  void close();

  Services& services_;
  deadline::Watch& watch_;
  net::Endpoint endpoint_;
  std::unique_ptr<Connection> connection_;
  std::string head_text_;
  std::string_view pending_;  // read, not yet parsed
  Failure failure_;
  std::optional<deadline::Duration> connect_duration_;
  bool reused_ = false;
  bool head_received_ = false;
  bool delivered_ = false;  // some of the request
  bool finished_ = false;
  bool answered_early_ = false;  // before the whole request was sent
};

// Where a provider is reached.
net::Endpoint endpoint_of(const config::Provider& provider);

}  // namespace punctual::backend
