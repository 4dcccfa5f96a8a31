#include "gateway/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/decimal.hpp"
#include "base/text.hpp"

#include "gateway/problems.hpp"
#include "http/head_writer.hpp"
#include "http/sse.hpp"

namespace punctual::gateway {

using deadline::Interruption;
using deadline::Phase;
using telemetry::Outcome;

namespace {

// Most heads fit: one allocation.
constexpr std::size_t head_bytes_usual = 1024;

// Of an upstream's answer, not passed on: what we say ourselves, and what speaks of the upstream's own origin
// (its cookies, its other ports), which is not ours.
constexpr std::array<std::string_view, 6> not_passed_on = {
    "x-request-id", "x-should-retry", "server-timing", "set-cookie", "alt-svc", "strict-transport-security"};

bool passed_on(const http::Headers& headers, std::string_view name) {
  return !http::is_hop_by_hop(name) && !http::named_by_connection(headers, name) &&
         std::ranges::none_of(not_passed_on,
                              [name](auto known) { return base::equals_ignoring_case(known, name); });
}

bool speaks(config::ProviderKind kind, api::Dialect dialect) {
  switch (kind) {
    case config::ProviderKind::openai:
      return dialect == api::Dialect::openai;
    case config::ProviderKind::anthropic:
      return dialect == api::Dialect::anthropic;
    case config::ProviderKind::simulated:
      return true;
  }
  return false;
}

}  // namespace

Exchange::Exchange(Core& core, deadline::Watch& watch, relay::ClientWriter& client, api::Operation operation,
                   const std::expected<api::RequestLimits, http::Problem>& request_limits, Incoming incoming)
    : core_(core),
      watch_(watch),
      client_(client),
      incoming_(std::move(incoming)),
      settings_(core.settings),
      traits_(api::traits(operation)) {
  budget_.timeouts = &settings_->configuration->timeouts;
  budget_.endpoint = traits_.endpoint;
  request_.operation = operation;
  if (request_limits) {
    budget_.request = *request_limits;
  } else {
    problem_ = request_limits.error();
  }
  after_ = incoming_.keep_alive ? After::keep : After::close;
}

base::Task<void> Exchange::run() {
  core_.metrics.requests_in_flight.add();
  if (prepare()) co_await attempt_all();
  if (problem_) tell_problem();
  if (after_ != After::abort && client_.blocked()) {
    // Once the time is up, what the client does not take at once is not waited for.
    bool reachable = !watch_.interruption();
    if (reachable) {
      const bool drained = co_await client_.drained(watch_);
      reachable = drained;
    }
    if (!reachable) give_up_on_client();
  }
  note_end();
  core_.metrics.requests_in_flight.subtract();
}

// Everything before the first target is tried; false with `problem_` set.
bool Exchange::prepare() {
  outcome_ = Outcome::refused;
  if (problem_ || !read_body() || !choose_route()) return false;
  if (core_.draining) {
    problem_ = draining_problem();
    return false;
  }
  outcome_ = Outcome::success;
  budget_.stream = request_.stream;
  budget_.body_timeout = request_.body_timeout;
  budget_.rule = route_.rule ? &route_.rule->timeouts : nullptr;
  heartbeat_interval_ = admission::heartbeat_of(budget_);
  if (heartbeat_interval_) watch_.set_heartbeat(incoming_.started + *heartbeat_interval_);
  client_.note_time(incoming_.started);
  return true;
}

bool Exchange::read_body() {
  auto request =
      api::read_request(request_.operation, *incoming_.head, std::move(incoming_.body), core_.json_reader);
  if (!request) {
    problem_ = std::move(request.error());
    return false;
  }
  request_ = std::move(*request);
  return true;
}

bool Exchange::choose_route() {
  auto route = settings_->router.route(request_.model);
  if (!route) {
    problem_ = http::make_problem(404, std::move(route.error().text), "model");
    return false;
  }
  route_.rule = route->rule;
  for (const auto& candidate : route->candidates) {
    if (speaks(candidate.provider->kind, traits_.dialect)) route_.candidates.push_back(candidate);
  }
  if (route_.candidates.size() > 0) return true;
  problem_ = http::make_problem(
      400,
      fmt::format(
          "Model '{}' is served by provider '{}', which does not speak the API of {}; ask for it at {}.",
          request_.model, route->candidates[0].provider->name, traits_.path,
          traits_.dialect == api::Dialect::anthropic ? "/v1/chat/completions" : "/v1/messages"),
      "model");
  return false;
}

bool Exchange::worth_trying(std::size_t index) const {
  const auto& candidate = route_.candidates[index];
  const auto left = watch_.deadline().remaining(watch_.now());
  return !left || *left > core_.arrival_times.usual(candidate.provider->name, candidate.model);
}

bool Exchange::another_after(std::size_t index) const {
  return index + 1 < route_.candidates.size() && worth_trying(index + 1);
}

base::Task<void> Exchange::attempt_all() {
  for (std::size_t index = 0; index < route_.candidates.size(); ++index) {
    if (index > 0) core_.metrics.fallbacks.add();
    const Verdict verdict = co_await attempt(index);
    if (verdict != Verdict::try_next) co_return;
    watch_.recover();
    forget_attempt();
  }
}

// The next target is counted afresh; the client's silence goes on.
void Exchange::forget_attempt() {
  relay::Tally tally;
  tally.heartbeats = tally_.heartbeats;
  tally_ = tally;
  record_.fired.reset();
  if (heartbeat_interval_) watch_.set_heartbeat(client_.last_write_at() + *heartbeat_interval_);
}

base::Task<Exchange::Verdict> Exchange::attempt(std::size_t index) {
  const auto& candidate = route_.candidates[index];
  budget_.provider = &candidate.provider->timeouts;
  watch_.set_limits(admission::limits_of(budget_));

  std::string model_text;
  const auto body = api::upstream_body(request_, candidate.model, model_text);
  backend::UpstreamRequest upstream;
  upstream.provider = candidate.provider;
  upstream.path = traits_.upstream_path;
  upstream.client_head = incoming_.head;
  upstream.request_id = incoming_.request_id;
  for (const auto piece : body)
    upstream.body_bytes += piece.size();

  record_.attempts.push_back({});
  record_.attempts.back().provider = candidate.provider->name;
  record_.attempts.back().model = candidate.model;
  record_.attempts.back().outcome = "success";
  const auto started = watch_.now();
  watch_.start(Phase::attempt, started);
  backend::Call call(core_.services, watch_);
  call_ = &call;
  Verdict verdict = Verdict::answered;
  const auto opened = co_await call.open(upstream, body);
  if (opened) {
    const Verdict answered = co_await answer(call, index);
    verdict = answered;
  } else {
    verdict = judge_failure(call, opened.error(), index);
  }
  call_ = nullptr;
  // What is left to do, such as telling the client, is no part of the upstream's call.
  for (const Phase phase : {Phase::connect, Phase::first_token, Phase::idle, Phase::attempt})
    watch_.stop(phase);
  const auto ended = watch_.now();
  auto& attempt = record_.attempts.back();
  attempt.duration = ended - started;
  attempt.reused_connection = call.reused();
  attempt.connect = call.connect_duration();
  if (tally_.first_token_at) attempt.first_token = *tally_.first_token_at - started;
  if (attempt.outcome == "success" && attempt.first_token) {
    core_.arrival_times.learn(candidate.provider->name, candidate.model, *attempt.first_token);
  }
  co_return verdict;
}

base::Task<Exchange::Verdict> Exchange::answer(backend::Call& call, std::size_t index) {
  const auto& head = call.head();
  auto& attempt = record_.attempts.back();
  attempt.status = head.status;
  record_.upstream_request_id = head.headers.value("x-request-id");
  const bool failed_upstream = head.status >= 500 || head.status == 429;
  if (failed_upstream && another_after(index)) {
    attempt.outcome = "status";
    call.cancel();
    co_return Verdict::try_next;
  }
  const bool success = head.status >= 200 && head.status < 300;
  std::string_view media_type = head.headers.value("content-type");
  const bool events = success && media_type.starts_with("text/event-stream");
  if (client_.begun() && !events) {
    refuse_committed(call);
    co_return Verdict::give_up;
  }
  event_stream_ = events;
  if (!events) {
    // The model has begun to answer; what follows is bounded by the wider clocks.
    watch_.stop(Phase::first_token);
    watch_.cancel_heartbeat();
    if (success) tally_.first_token_at = watch_.now();
  }
  const relay::RelayContext context{watch_, client_, core_.reader, core_.workspace, tally_, *this};
  auto relaying = events ? relay_events(context, call, another_after(index)) : relay_document(context, call);
  const relay::Ending ending = co_await relaying;
  watch_.cancel_heartbeat();
  switch (ending) {
    case relay::Ending::complete:
      break;
    case relay::Ending::interrupted:
      co_return judge_interruption(call, index);
    case relay::Ending::upstream_failed:
      co_return judge_failure(call, call.failure(), index);
    case relay::Ending::client_broken:
      attempt.outcome = "cancelled";
      give_up_on_client();
      co_return Verdict::give_up;
  }
  // What became of the targets before this one is in their attempts.
  outcome_ = Outcome::success;
  if (!success || tally_.upstream_error_event) {
    attempt.outcome = "status";
    outcome_ = Outcome::error;
  }
  problem_.reset();
  record_.fired.reset();
  co_return Verdict::answered;
}

Exchange::Verdict Exchange::judge_failure(backend::Call& call, const backend::Failure& failure,
                                          std::size_t index) {
  if (failure.kind == backend::FailureKind::interrupted) return judge_interruption(call, index);
  auto& attempt = record_.attempts.back();
  call.cancel();
  attempt.outcome = failure.kind == backend::FailureKind::unreachable ? "refused"
                    : failure.kind == backend::FailureKind::broken    ? "reset"
                                                                      : "garbage";
  attempt.detail = failure.detail;
  record_.fired.reset();
  outcome_ = Outcome::error;
  problem_ = upstream_problem(failure);
  if (!answer_begun_ && another_after(index)) return Verdict::try_next;
  return Verdict::give_up;
}

Exchange::Verdict Exchange::judge_interruption(backend::Call& call, std::size_t index) {
  auto& attempt = record_.attempts.back();
  call.cancel();
  record_.cancel = watch_.now() - watch_.interrupted_at();
  switch (*watch_.interruption()) {
    case Interruption::client_gone:
      attempt.outcome = "cancelled";
      core_.metrics.hang_up_to_cancel.observe(*record_.cancel);
      give_up_on_client();
      return Verdict::give_up;
    case Interruption::stopped:
      attempt.outcome = "stopped";
      outcome_ = Outcome::stopped;
      problem_ = draining_problem();
      return Verdict::give_up;
    case Interruption::expired:
      break;
  }
  const auto& expiry = watch_.expiry();
  attempt.outcome = "timeout";
  attempt.detail = timeout_message(expiry);
  note_expiry();
  problem_ = timeout_problem(expiry, watch_.now() - incoming_.started, call.head_received());
  client_reads_ = expiry.phase != Phase::drain;
  const bool of_this_call = expiry.phase == Phase::connect || expiry.phase == Phase::first_token ||
                            expiry.phase == Phase::idle || expiry.phase == Phase::attempt;
  if (of_this_call && !answer_begun_ && another_after(index)) return Verdict::try_next;
  return Verdict::give_up;
}

// Heartbeats have promised a stream, and the upstream answered with something else.
void Exchange::refuse_committed(backend::Call& call) {
  const auto& head = call.head();
  auto& attempt = record_.attempts.back();
  attempt.outcome = "status";
  outcome_ = Outcome::error;
  problem_ =
      http::make_problem(head.status >= 400 ? head.status : 502,
                         fmt::format("The upstream answered with status {} and no stream.", head.status));
  http::BodyPieces pieces;
  std::string_view raw;
  const auto step = call.read(pieces, raw);
  if (head.status >= 400 && step == backend::Call::Step::complete) {
    std::string body;
    for (const auto piece : pieces.content)
      body.append(piece);
    const auto document = core_.json_reader.read(body);
    simdjson::dom::element error;
    if (document && !document->at_key("error").get(error) && error.is_object()) {
      problem_->upstream_error = simdjson::minify(error);
    }
  }
  call.cancel();
}

void Exchange::begin_answer() {
  answer_begun_ = true;
  if (client_.begun()) return;
  const auto& upstream = call_->head();
  std::string head;
  head.reserve(head_bytes_usual);
  http::HeadWriter writer(head);
  writer.status(upstream.status);
  const bool bodyless = upstream.status == 204 || upstream.status == 304;
  // Heartbeats and an error event may be added to a stream: its length is not known, even where it was told.
  const bool keeps_length = upstream.content_length && !event_stream_ && !bodyless;
  for (const auto& [name, value] : upstream.headers) {
    if (base::equals_ignoring_case(name, "content-length") && !keeps_length) continue;
    if (passed_on(upstream.headers, name)) writer.field(name, value);
  }
  append_own_fields(head, tally_.first_token_at.has_value());
  relay::Framing framing = relay::Framing::length;
  if (!keeps_length && !bodyless) {
    framing = incoming_.head->minor_version == 1 ? relay::Framing::chunked : relay::Framing::close;
    if (framing == relay::Framing::chunked) writer.field("Transfer-Encoding", "chunked");
    if (framing == relay::Framing::close) after_ = After::close;
  }
  if (after_ != After::keep) writer.field("Connection", "close");
  writer.end();
  client_.begin(head, upstream.status, framing);
}

void Exchange::append_own_fields(std::string& head, bool first_token_known) const {
  head.append("X-Request-ID: ").append(incoming_.request_id);
  const auto& total = watch_.deadline().limits()[Phase::total];
  if (total.duration) {
    head.append("\r\nX-Punctual-Limit: total=");
    base::append_seconds(head, *total.duration);
    head.append(";source=\"").append(total.source.text()).append("\"");
  }
  head.append("\r\nServer-Timing: queue;dur=0");
  if (call_ && call_->connect_duration()) {
    head.append(", connect;dur=");
    base::append_milliseconds(head, *call_->connect_duration());
  }
  if (first_token_known) {
    head.append(", first_token;dur=");
    base::append_milliseconds(head, *tally_.first_token_at - incoming_.started);
  }
  head.append("\r\n");
}

// Heartbeats cannot wait for the upstream's head: the gateway promises a stream by itself.
void Exchange::begin_event_stream() {
  event_stream_ = true;
  std::string head;
  http::HeadWriter writer(head);
  writer.status(200)
      .field("Content-Type", "text/event-stream; charset=utf-8")
      .field("Cache-Control", "no-cache");
  append_own_fields(head, false);
  const bool chunked = incoming_.head->minor_version == 1;
  if (chunked) {
    writer.field("Transfer-Encoding", "chunked");
  } else {
    after_ = After::close;
  }
  if (after_ != After::keep) writer.field("Connection", "close");
  writer.end();
  client_.begin(head, 200, chunked ? relay::Framing::chunked : relay::Framing::close);
}

void Exchange::heartbeat(deadline::Instant now) {
  if (!heartbeat_interval_ || client_.ended()) return;
  const auto due = client_.last_write_at() + *heartbeat_interval_;
  if (due > now) {
    watch_.set_heartbeat(due);
    return;
  }
  if (!client_.blocked() && (!client_.begun() || event_stream_)) {
    if (!client_.begun()) begin_event_stream();
    client_.write(http::sse_heartbeat);
    ++tally_.heartbeats;
    core_.metrics.heartbeats.add();
  }
  client_.note_time(now);
  watch_.set_heartbeat(now + *heartbeat_interval_);
}

}  // namespace punctual::gateway
