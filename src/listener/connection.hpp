// One client connection: requests are received one after the other, each under the `receive` limit, and
// answered.
//
// A connection owns itself: it ends when the client leaves, an answer demands it, or `stop` is called.
// Requests that a client sends ahead (pipelining) wait in the socket, or here if they came together.
#pragma once

#include <memory>
#include <string>

#include "base/intrusive_list.hpp"
#include "base/task.hpp"
#include "deadline/watch.hpp"
#include "gateway/core.hpp"
#include "gateway/exchange.hpp"
#include "gateway/management_exchange.hpp"
#include "http/request_parser.hpp"
#include "net/stream.hpp"
#include "relay/client_writer.hpp"

namespace punctual::listener {

class Connection;

// The connections of one loop, and what to do when the last of them has ended.
class Connections {
 public:
  virtual void ended(Connection& connection) = 0;

 protected:
  ~Connections() = default;
};

class Connection final : public base::ListNode<Connection>, private deadline::WatchHooks {
 public:
  // `core` and `owner` must outlive the connection.
  Connection(gateway::Core& core, Connections& owner, std::unique_ptr<net::Stream> stream);
  // For requests of the gateway's own, on behalf of `client`: see gateway::InnerDoor.
  void make_inner(std::string client) {
    inner_ = true;
    peer_ = std::move(client);
  }
  ~Connection();

  // Begins to serve; from here on the connection deletes itself, maybe before this returns.
  static void start(std::unique_ptr<Connection> connection) { base::spawn(run(std::move(connection))); }

  // Ends an idle connection at once; lets a running request end and then the connection.
  void finish();
  // Ends the running request with an error that says so.
  void stop();

 private:
  static base::Task<void> run(std::unique_ptr<Connection> self);
  base::Task<bool> receive();
  base::Task<void> answer();
  base::Task<void> answer_otherwise();
  base::Task<void> linger();

  bool feed(std::string_view bytes);
  void hold_settings();
  void head_received();
  void check_key();
  void receive_failed();
  void receive_stopped();
  void receive_abandoned();
  void stand_in_for_head();
  void refuse(const http::Problem& problem);
  void note_refusal(const http::Problem& problem, telemetry::Outcome outcome);
  gateway::ReplyContext reply_context() const;
  void choose_request_id();

  bool client_gone() override { return stream_->peer_closed(); }
  void heartbeat(deadline::Instant now) override;

  gateway::Core& core_;
  Connections& owner_;
  std::unique_ptr<net::Stream> stream_;
  deadline::Watch watch_;
  http::RequestParser parser_;
  relay::ClientWriter client_;
  std::string leftover_;
  std::string request_id_;
  std::string peer_;
  std::optional<api::Operation> operation_;
  std::shared_ptr<const gateway::Settings> settings_;  // since the request's first byte
  const admission::ApiKey* api_key_ = nullptr;
  api::RequestLimits request_limits_;
  std::unique_ptr<http::Problem> refusal_;  // why the request is refused
  deadline::Instant receive_started_{};
  deadline::Instant head_at_{};
  deadline::WallTime head_at_wall_{};
  std::uint64_t bytes_in_ = 0;
  gateway::Exchange* exchange_ = nullptr;
  gateway::ManagementExchange* management_ = nullptr;
  bool inner_ = false;
  bool receiving_ = true;  // no request is being answered
  bool fresh_ = true;      // nothing was answered yet
  bool finishing_ = false;
  bool keep_ = true;
  bool abort_ = false;
  bool linger_ = false;
};

}  // namespace punctual::listener
