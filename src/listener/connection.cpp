#include "listener/connection.hpp"

#include "api/request_limits.hpp"
#include "gateway/management_exchange.hpp"
#include "gateway/plain_routes.hpp"
#include "gateway/problems.hpp"

namespace punctual::listener {

namespace bits = deadline::bits;
using deadline::Limits;
using deadline::Phase;
using gateway::Exchange;

Connection::Connection(gateway::Core& core, Connections& owner, std::unique_ptr<net::Stream> stream)
    : core_(core),
      owner_(owner),
      stream_(std::move(stream)),
      watch_(core.runtime.clock(), core.runtime.wheel(), core.runtime.ready(), *this),
      parser_(core.settings->configuration->server.body_bytes_max),
      client_(*stream_),
      peer_(stream_->peer()) {
  core_.metrics.connections_open.add();
}

Connection::~Connection() {
  stream_->bind(nullptr, 0, 0);
  if (abort_) {
    stream_->abort();
  } else {
    stream_->close();
  }
  core_.metrics.connections_open.subtract();
  owner_.ended(*this);
}

base::Task<void> Connection::run(std::unique_ptr<Connection> self) {
  Connection& connection = *self;
  connection.stream_->bind(&connection.watch_.signals(), bits::client_readable, bits::client_writable);
  while (connection.keep_ && !connection.finishing_) {
    const bool received = co_await connection.receive();
    if (!received) break;
    connection.receiving_ = false;
    co_await connection.answer();
    connection.receiving_ = true;
    connection.fresh_ = false;
  }
  if (connection.linger_) co_await connection.linger();
}

void Connection::finish() {
  finishing_ = true;
  if (receiving_ && !parser_.started()) watch_.signals().raise(bits::stop);
}

void Connection::stop() {
  finishing_ = true;
  watch_.signals().raise(bits::stop);
}

void Connection::heartbeat(deadline::Instant now) {
  if (exchange_) exchange_->heartbeat(now);
  if (management_) management_->heartbeat(now);
}

// The limits' sources point into the settings: those of a request stay until its end.
void Connection::hold_settings() {
  if (settings_ != core_.settings) settings_ = core_.settings;
}

// Until a whole request is there, or the connection has to end (false).
base::Task<bool> Connection::receive() {
  hold_settings();
  const auto& timeouts = settings_->configuration->timeouts;
  parser_.reset();
  client_.reset();
  bytes_in_ = 0;
  request_id_.clear();
  refusal_.reset();
  operation_.reset();
  api_key_ = nullptr;
  Limits limits;
  limits[Phase::receive] =
      fresh_ ? timeouts.receive_head : deadline::Limit{settings_->configuration->server.keep_alive, {}};
  watch_.begin(limits);
  receive_started_ = watch_.now();
  watch_.start(Phase::receive, receive_started_);
  if (!leftover_.empty()) {
    const std::string bytes = std::move(leftover_);
    leftover_.clear();
    feed(bytes);
  }
  for (;;) {
    if (parser_.state() == http::RequestParser::State::complete) co_return true;
    if (parser_.state() == http::RequestParser::State::failed) {
      receive_failed();
      co_return false;
    }
    const auto scratch = core_.runtime.scratch();
    const auto result = stream_->try_read(scratch);
    if (result.kind == net::IoResult::Kind::done) {
      feed({scratch.data(), result.bytes});
      continue;
    }
    if (result.kind != net::IoResult::Kind::would_block) {
      receive_abandoned();
      co_return false;
    }
    const auto raised = co_await watch_.wait(bits::client_readable);
    if (raised & bits::stop) {
      receive_stopped();
      co_return false;
    }
    // The client may have closed its side already: what it sent is still read first.
    if (watch_.interrupted(raised & bits::timer)) {
      receive_failed();
      co_return false;
    }
  }
}

bool Connection::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto before = parser_.state();
    if (before == http::RequestParser::State::head && !parser_.started() && !fresh_) {
      // The next request's first byte: from here on it is received, no longer waited for.
      Limits limits;
      hold_settings();
      limits[Phase::receive] = settings_->configuration->timeouts.receive_head;
      watch_.begin(limits);
      receive_started_ = watch_.now();
      watch_.start(Phase::receive, receive_started_);
    }
    const std::size_t used = parser_.feed(bytes);
    bytes_in_ += used;
    bytes.remove_prefix(used);
    const auto state = parser_.state();
    if (before == http::RequestParser::State::head &&
        (state == http::RequestParser::State::body || state == http::RequestParser::State::complete)) {
      head_received();
      if (parser_.head().expects_continue && parser_.head().minor_version == 1 && bytes.empty()) {
        const std::string_view proceed = "HTTP/1.1 100 Continue\r\n\r\n";
        stream_->try_write({&proceed, 1});
      }
    }
    if (state == http::RequestParser::State::failed) return false;
    if (state == http::RequestParser::State::complete) {
      leftover_.assign(bytes);
      return true;
    }
  }
  return true;
}

// The request's own clock starts here.
void Connection::head_received() {
  hold_settings();
  const auto& head = parser_.head();
  const auto& timeouts = settings_->configuration->timeouts;
  head_at_ = watch_.now();
  head_at_wall_ = core_.runtime.clock().wall_now();
  choose_request_id();
  operation_ = head.is("POST") ? api::operation_at(head.path) : std::nullopt;
  Limits limits;
  if (operation_) {
    auto read = api::read_request_limits(head.headers);
    if (read) {
      request_limits_ = *read;
    } else {
      request_limits_ = {};
      refusal_ = std::make_unique<http::Problem>(std::move(read.error()));
    }
    check_key();
    admission::BudgetInputs inputs;
    inputs.timeouts = &timeouts;
    inputs.key = api_key_;
    inputs.endpoint = api::traits(*operation_).endpoint;
    inputs.request = request_limits_;
    inputs.stream = true;  // not known yet; what only bounds other requests must not bound this one
    limits = admission::limits_of(inputs);
  }
  limits[Phase::receive] = timeouts.receive;
  watch_.set_limits(limits);
  if (operation_) watch_.start(Phase::total, head_at_);
}

void Connection::check_key() {
  if (inner_ || !settings_->api_keys) return;
  const auto& headers = parser_.head().headers;
  const auto presented = admission::presented_key(headers.value("authorization"), headers.value("x-api-key"));
  const auto key = admission::identify(*settings_->api_keys, settings_->key_policy, presented);
  if (key) {
    api_key_ = *key;
  } else {
    refusal_ = std::make_unique<http::Problem>(gateway::refusal_problem(key.error()));
  }
}

void Connection::choose_request_id() {
  const auto wanted = parser_.head().headers.value("x-request-id");
  if (gateway::is_sane_request_id(wanted)) {
    request_id_ = wanted;
  } else {
    core_.request_ids.write_next(request_id_, head_at_wall_);
  }
}

gateway::ReplyContext Connection::reply_context() const {
  const bool known = parser_.state() == http::RequestParser::State::complete ||
                     parser_.state() == http::RequestParser::State::body;
  const std::string_view otherwise = operation_ ? api::traits(*operation_).path : "/";
  return {request_id_, known ? parser_.head().path : otherwise,
          (settings_ ? *settings_ : *core_.settings).configuration->server.error_type_base,
          operation_ ? api::traits(*operation_).dialect : api::Dialect::openai, false};
}

// A request without a whole head began when it was begun to be received, and has no id yet.
void Connection::stand_in_for_head() {
  if (!request_id_.empty()) return;
  head_at_ = receive_started_;
  head_at_wall_ = core_.runtime.clock().wall_now() - (watch_.now() - receive_started_);
  request_id_ = core_.request_ids.next(head_at_wall_);
}

void Connection::receive_failed() {
  if (parser_.state() == http::RequestParser::State::failed) {
    refuse(http::make_problem(parser_.error().status, parser_.error().detail));
    note_refusal(http::make_problem(parser_.error().status, parser_.error().detail),
                 telemetry::Outcome::refused);
    return;
  }
  // A connection on which nothing was sent owes no answer, and an unasked one could be taken for the next's.
  if (!parser_.started()) return;
  const auto& expiry = watch_.expiry();
  core_.metrics.timeouts[deadline::index_of(expiry.phase)][static_cast<std::size_t>(expiry.limit.source.kind)]
      .add();
  const auto started = expiry.phase == Phase::total ? head_at_ : receive_started_;
  const auto problem = gateway::timeout_problem(expiry, watch_.now() - started, false);
  refuse(problem);
  note_refusal(problem, telemetry::Outcome::timeout);
}

// Only the end of the process stops a request that is not whole yet.
void Connection::receive_stopped() {
  if (!parser_.started()) return;
  refuse(gateway::draining_problem());
  note_refusal(gateway::draining_problem(), telemetry::Outcome::stopped);
}

// The client left. Once a head was read there is a request, and its end is recorded.
void Connection::receive_abandoned() {
  if (!operation_) return;
  http::Problem problem;
  problem.message = "The client left before its request was whole.";
  note_refusal(problem, telemetry::Outcome::cancelled);
}

void Connection::refuse(const http::Problem& problem) {
  stand_in_for_head();
  gateway::reply_problem(client_, reply_context(), problem);
  keep_ = false;
  linger_ = true;
}

void Connection::note_refusal(const http::Problem& problem, telemetry::Outcome outcome) {
  audit::Record record;
  record.started = head_at_wall_;
  record.request_id = request_id_;
  if (operation_) record.endpoint = config::name_of(api::traits(*operation_).endpoint);
  record.path = reply_context().instance;
  record.status = client_.status();
  record.outcome = telemetry::name_of(outcome);
  record.ended_by = outcome == telemetry::Outcome::cancelled ? "client" : "gateway";
  record.detail = problem.message;
  if (problem.fired) record.fired = watch_.expiry();
  record.duration = watch_.now() - head_at_;
  record.bytes_in = bytes_in_;
  record.bytes_out = client_.bytes_sent();
  record.client = peer_;
  core_.journal.add(record);
  if (operation_) {
    core_.metrics
        .requests[static_cast<std::size_t>(api::traits(*operation_).endpoint)]
                 [static_cast<std::size_t>(outcome)]
        .add();
  }
}

base::Task<void> Connection::answer() {
  watch_.stop(Phase::receive);
  // The event that told of it may have been used up while the request was read.
  if (stream_->peer_closed()) watch_.signals().raise(bits::client_readable);
  keep_ = parser_.head().keep_alive && !finishing_;
  if (!operation_) {
    co_await answer_otherwise();
    co_return;
  }
  gateway::Incoming incoming;
  incoming.parser = &parser_;
  incoming.settings = settings_.get();
  incoming.api_key = api_key_;
  incoming.body = parser_.take_body();
  incoming.request_id = request_id_;
  incoming.started = head_at_;
  incoming.started_wall = head_at_wall_;
  incoming.receive = watch_.now() - receive_started_;
  incoming.bytes_in = bytes_in_;
  incoming.client = peer_;
  incoming.keep_alive = keep_;
  incoming.inner = inner_;
  Exchange exchange(core_, watch_, client_, *operation_, request_limits_, std::move(incoming));
  if (refusal_) exchange.refuse(std::move(refusal_));
  exchange_ = &exchange;
  co_await exchange.run();
  exchange_ = nullptr;
  keep_ = keep_ && exchange.after() == Exchange::After::keep && !client_.broken();
  abort_ = exchange.after() == Exchange::After::abort;
}

// What generates nothing: the plain routes, and what the management side has.
base::Task<void> Connection::answer_otherwise() {
  const auto& head = parser_.head();
  auto context = reply_context();
  context.keep_alive = keep_;
  context.head_only = head.is("HEAD");
  context.chunked = head.minor_version == 1;
  if (head.path.starts_with("/v1/")) check_key();
  if (!refusal_ && core_.management && core_.management->owns(head.path)) {
    gateway::ManagementExchange exchange(core_, watch_, client_, context);
    management_ = &exchange;
    co_await exchange.run(head, parser_.take_body(), peer_, stream_->secure(), api_key_);
    management_ = nullptr;
    keep_ = keep_ && exchange.keep() && !exchange.abort();
    abort_ = exchange.abort();
    co_return;
  }
  if (refusal_) {
    gateway::reply_problem(client_, context, *refusal_);
  } else {
    co_await gateway::prepare_plain_route(core_, head, watch_);
    gateway::answer_plain_route(core_, head, context, client_);
  }
  Limits limits;
  limits[Phase::drain] = settings_->configuration->timeouts.drain;
  watch_.begin(limits);
  const bool drained = co_await client_.drained(watch_);
  keep_ = keep_ && drained;
  abort_ = !drained;
}

// Closing with unread bytes resets the connection, and the client might lose the answer that says why. So
// what it still sends is read and thrown away, for a moment.
base::Task<void> Connection::linger() {
  constexpr auto linger_time = std::chrono::seconds(2);
  Limits limits;
  limits[Phase::total] = {linger_time, {}};
  watch_.begin(limits);
  watch_.start(Phase::total);
  if (client_.blocked()) {
    const bool drained = co_await client_.drained(watch_);
    if (!drained) co_return;
  }
  for (;;) {
    const auto result = stream_->try_read(core_.runtime.scratch());
    if (result.kind == net::IoResult::Kind::done) {
      if (watch_.deadline().expired(watch_.now())) break;
      continue;
    }
    if (result.kind != net::IoResult::Kind::would_block) break;
    const auto raised = co_await watch_.wait(bits::client_readable);
    if (watch_.interrupted(raised & (bits::timer | bits::stop))) break;
  }
}

}  // namespace punctual::listener
