#include "gateway/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/problems.hpp"

namespace punctual::gateway {

using deadline::Interruption;
using deadline::Phase;
using telemetry::Outcome;

namespace {

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
                   const api::RequestLimits& request_limits, Incoming incoming)
    : core_(core),
      watch_(watch),
      client_(client),
      incoming_(std::move(incoming)),
      settings_(*incoming_.settings),
      traits_(api::traits(operation)) {
  budget_.timeouts = &settings_.configuration->timeouts;
  budget_.key = incoming_.api_key;
  budget_.endpoint = traits_.endpoint;
  request_.operation = operation;
  budget_.request = request_limits;
  after_ = incoming_.keep_alive ? After::keep : After::close;
  core.running.push_back(*this);
}

void Exchange::set_problem(http::Problem problem) {
  problem_ = std::make_unique<http::Problem>(std::move(problem));
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
  if (problem_ || !read_body() || !choose_route() || !admit_key()) return false;
  if (core_.draining) {
    set_problem(draining_problem());
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
      api::read_request(request_.operation, received_head(), std::move(incoming_.body), core_.json_reader);
  if (!request) {
    set_problem(std::move(request.error()));
    return false;
  }
  request_ = std::move(*request);
  if (settings_.store_texts) {
    texts_ = std::make_unique<Texts>();
    texts_->prompt = request_.body.substr(0, relay::AnswerCopy::bytes_max);
  }
  return true;
}

bool Exchange::choose_route() {
  auto route = settings_.router.route(request_.model);
  if (!route) {
    set_problem(http::make_problem(404, std::move(route.error().text), "model"));
    return false;
  }
  route_ = *route;
  for (std::size_t place = 0; place < route_.candidates.size(); ++place) {
    if (speaks(route_.candidates[place].provider->kind, traits_.dialect))
      targets_[target_count_++] = static_cast<std::uint8_t>(place);
  }
  if (target_count_ > 0) return true;
  set_problem(http::make_problem(
      400,
      fmt::format(
          "Model '{}' is served by provider '{}', which does not speak the API of {}; ask for it at {}.",
          request_.model, route->candidates[0].provider->name, traits_.path,
          traits_.dialect == api::Dialect::anthropic ? "/v1/chat/completions" : "/v1/messages"),
      "model"));
  return false;
}

// The last check, so that a request that is refused for another reason is not counted.
bool Exchange::admit_key() {
  if (!incoming_.api_key) return true;
  const auto admitted = admission::admit(*incoming_.api_key, request_.model, incoming_.started);
  if (admitted) return true;
  set_problem(refusal_problem(admitted.error()));
  return false;
}

bool Exchange::worth_trying(std::size_t index) const {
  const auto candidate = target(index);
  const auto left = watch_.deadline().remaining(watch_.now());
  return !left || *left > core_.arrival_times.usual(candidate.provider->name, candidate.model);
}

bool Exchange::another_after(std::size_t index) const {
  return index + 1 < target_count_ && worth_trying(index + 1);
}

base::Task<void> Exchange::attempt_all() {
  for (std::size_t index = 0; index < target_count_; ++index) {
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
  notes_.fired.reset();
  if (heartbeat_interval_) watch_.set_heartbeat(client_.last_write_at() + *heartbeat_interval_);
}

base::Task<Exchange::Verdict> Exchange::attempt(std::size_t index) {
  const auto candidate = target(index);
  budget_.provider = &candidate.provider->timeouts;
  watch_.set_limits(admission::limits_of(budget_));

  std::string model_text;
  const auto body = api::upstream_body(request_, candidate.model, model_text);
  backend::UpstreamRequest upstream;
  upstream.provider = candidate.provider;
  upstream.path = traits_.upstream_path;
  upstream.client_head = &received_head();
  upstream.request_id = incoming_.request_id;
  upstream.body_bytes = body.size();

  auto& noted = notes_.attempts.emplace_back();
  noted.provider = candidate.provider->name;
  noted.model = candidate.model;
  noted.outcome = "success";
  const auto started = watch_.now();
  watch_.start(Phase::attempt, started);
  backend::Call call(core_.services, watch_);
  const auto body_pieces = body.pieces();
  call_ = &call;
  Verdict verdict = Verdict::answered;
  const auto opened = co_await call.open(upstream, body_pieces);
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
  auto& attempt = notes_.attempts.back();
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
  auto& attempt = notes_.attempts.back();
  attempt.status = head.status;
  notes_.upstream_request_id = head.headers.value("x-request-id");
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
  const relay::RelayContext context{
      watch_, client_, core_.reader, core_.workspace, tally_, *this, texts_ ? &texts_->answer : nullptr};
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
  notes_.fired.reset();
  co_return Verdict::answered;
}

Exchange::Verdict Exchange::judge_failure(backend::Call& call, const backend::Failure& failure,
                                          std::size_t index) {
  if (failure.kind == backend::FailureKind::interrupted) return judge_interruption(call, index);
  auto& attempt = notes_.attempts.back();
  call.cancel();
  attempt.outcome = failure.kind == backend::FailureKind::unreachable ? "refused"
                    : failure.kind == backend::FailureKind::broken    ? "reset"
                                                                      : "garbage";
  attempt.detail = failure.detail;
  notes_.fired.reset();
  outcome_ = Outcome::error;
  set_problem(upstream_problem(failure, call.head_received()));
  if (!answer_begun_ && another_after(index)) return Verdict::try_next;
  return Verdict::give_up;
}

Exchange::Verdict Exchange::judge_interruption(backend::Call& call, std::size_t index) {
  auto& attempt = notes_.attempts.back();
  call.cancel();
  notes_.cancel = watch_.now() - watch_.interrupted_at();
  switch (*watch_.interruption()) {
    case Interruption::client_gone:
      attempt.outcome = "cancelled";
      core_.metrics.hang_up_to_cancel.observe(*notes_.cancel);
      give_up_on_client();
      return Verdict::give_up;
    case Interruption::stopped:
      attempt.outcome = "stopped";
      outcome_ = Outcome::stopped;
      if (cancelled_by_operator_) outcome_ = Outcome::cancelled;
      set_problem(cancelled_by_operator_ ? cancelled_problem() : draining_problem());
      return Verdict::give_up;
    case Interruption::expired:
      break;
  }
  const auto& expiry = watch_.expiry();
  attempt.outcome = "timeout";
  attempt.detail = timeout_message(expiry);
  note_expiry();
  set_problem(timeout_problem(expiry, watch_.now() - incoming_.started, call.head_received()));
  client_reads_ = expiry.phase != Phase::drain;
  const bool of_this_call = expiry.phase == Phase::connect || expiry.phase == Phase::first_token ||
                            expiry.phase == Phase::idle || expiry.phase == Phase::attempt;
  if (of_this_call && !answer_begun_ && another_after(index)) return Verdict::try_next;
  return Verdict::give_up;
}

// Heartbeats have promised a stream, and the upstream answered with something else.
void Exchange::refuse_committed(backend::Call& call) {
  const auto& head = call.head();
  auto& attempt = notes_.attempts.back();
  attempt.outcome = "status";
  outcome_ = Outcome::error;
  set_problem(
      http::make_problem(head.status >= 400 ? head.status : 502,
                         fmt::format("The upstream answered with status {} and no stream.", head.status)));
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

}  // namespace punctual::gateway
