#include "listener/listener.hpp"

#include "gateway/reply.hpp"

namespace punctual::listener {

void Listener::accept(std::unique_ptr<net::Stream> stream) {
  if (open_ >= connections_max_ || core_.draining) {
    core_.metrics.connections_refused.add();
    relay::ClientWriter client(*stream);
    auto problem = http::make_problem(503, "The gateway has all the connections that it may have.");
    problem.retry_after_seconds = 1;
    const std::string id = core_.request_ids.next(core_.runtime.clock().wall_now());
    gateway::reply_problem(
        client, {id, "/", core_.settings->configuration->server.error_type_base, api::Dialect::openai, false},
        problem);
    return;
  }
  ++open_;
  auto connection = std::make_unique<Connection>(core_, *this, std::move(stream));
  connections_.push_back(*connection);
  Connection::start(std::move(connection));
}

void Listener::accept_inner(std::unique_ptr<net::Stream> stream, std::string client) {
  ++open_;
  auto connection = std::make_unique<Connection>(core_, *this, std::move(stream));
  connection->make_inner(std::move(client));
  connections_.push_back(*connection);
  Connection::start(std::move(connection));
}

void Listener::ended(Connection& connection) {
  connection.unlink();
  --open_;
  look_for_end();
}

void Listener::drain(std::optional<deadline::Duration> limit, std::function<void()> done) {
  core_.draining = true;
  done_ = std::move(done);
  connections_.for_each([](Connection& connection) { connection.finish(); });
  if (limit) core_.runtime.wheel().arm(stop_, core_.runtime.now() + *limit);
  look_for_end();
}

void Listener::stop_due(void* self) {
  static_cast<Listener*>(self)->end_requests();
}

void Listener::end_requests() {
  connections_.for_each([](Connection& connection) { connection.stop(); });
}

void Listener::look_for_end() {
  if (done_ && open_ == 0) std::exchange(done_, nullptr)();
}

}  // namespace punctual::listener
