// The end of an exchange: the client is told, the counters and the record are written.
#include <utility>

#include "gateway/exchange_attempt.hpp"
#include "gateway/problems.hpp"

namespace punctual::gateway {

using deadline::Interruption;
using telemetry::Outcome;

ReplyContext Exchange::reply_context() const {
  return {incoming_.request_id, traits_.path, settings_.configuration->server.error_type_base,
          traits_.dialect, after_ == After::keep};
}

// What it was still to get cannot reach it any more.
void Exchange::give_up_on_client() {
  problem_.reset();
  after_ = After::abort;
  const auto interruption = watch_.interruption();
  if (interruption == Interruption::stopped) {
    outcome_ = cancelled_by_operator_ ? Outcome::cancelled : Outcome::stopped;
  } else if (interruption != Interruption::expired) {
    outcome_ = Outcome::cancelled;
    notes_.fired.reset();
  } else if (outcome_ != Outcome::timeout) {
    // It is there, but does not read.
    note_expiry();
    notes_.detail = timeout_message(watch_.expiry());
  }
}

void Exchange::note_expiry() {
  const auto& expiry = watch_.expiry();
  outcome_ = Outcome::timeout;
  notes_.fired = expiry;
  core_.metrics.deadline_lateness.observe(watch_.interrupted_at() - expiry.at);
  core_.metrics.timeouts[deadline::index_of(expiry.phase)][static_cast<std::size_t>(expiry.limit.source.kind)]
      .add();
}

void Exchange::tell_problem() {
  notes_.detail = problem_->message;
  if (!client_.begun()) {
    // A request that is refused leaves the connection usable; one that was cut may not.
    const bool ended = outcome_ == Outcome::stopped || outcome_ == Outcome::cancelled;
    if (ended || problem_->status == 413) after_ = After::close;
    reply_problem(client_, reply_context(), *problem_);
    return;
  }
  if (!event_stream_ || !client_reads_ || client_.ended()) {
    after_ = After::abort;
    return;
  }
  after_ = After::close;
  end_with_error_event(client_, reply_context(), *problem_);
  // Once the time is up, what the client's socket does not take now would reach it late or never; a clean end
  // would read as success.
  if ((client_.blocked() && watch_.interruption()) || client_.broken()) after_ = After::abort;
}

// Where the upstream does not count, a content event is a token, as near as can be known.
std::uint64_t Exchange::tokens_used() const {
  const auto& usage = tally_.usage;
  return usage.prompt_tokens.value_or(0) + usage.completion_tokens.value_or(tally_.content_events);
}

void Exchange::cancel() {
  cancelled_by_operator_ = true;
  watch_.signals().raise(deadline::bits::stop);
}

RunningRequest Exchange::describe() const {
  const auto now = watch_.now();
  RunningRequest running;
  running.request_id = incoming_.request_id;
  running.endpoint = config::name_of(traits_.endpoint);
  running.model = request_.model;
  running.client = incoming_.client;
  if (incoming_.api_key) running.api_key = incoming_.api_key->settings.id;
  running.stream = request_.stream;
  running.started = incoming_.started_wall;
  running.elapsed = now - incoming_.started;
  running.attempts = notes_.attempts.size();
  if (!notes_.attempts.empty()) running.provider = notes_.attempts.back().provider;
  running.content_events = tally_.content_events;
  running.bytes_out = client_.bytes_sent();
  const auto& deadline = watch_.deadline();
  const auto* waiter = attempt_ && attempt_->wait ? attempt_->wait->waiter() : nullptr;
  if (waiter) {
    running.queue_place = waiter->place();
    running.queue_forecast = waiter->forecast();
  }
  const bool loading = attempt_ && attempt_->loading;
  if (attempt_) running.local_model = attempt_->candidate.provider->local_model;
  running.phase = loading                                      ? "load"
                  : waiter                                     ? "queue"
                  : !call_                                     ? "route"
                  : tally_.first_token_at                      ? "answer"
                  : deadline.running(deadline::Phase::connect) ? "connect"
                                                               : "first_token";
  const auto next = deadline.earliest();
  if (next.at != deadline::Instant::max()) {
    running.next_limit = deadline::name_of(next.phase);
    running.remaining = next.at - now;
  }
  const auto total = deadline.end_of(deadline::Phase::total);
  if (total != deadline::Instant::max()) running.total_remaining = total - now;
  return running;
}

void Exchange::note_patience(audit::Record& record) const {
  const auto& [limit, patience, read_patience] = budget_.request;
  if (read_patience) {
    record.client_waits_between_bytes = read_patience->duration;
    record.client_waits_header = read_patience->name;
  }
  if (patience) {
    record.client_waits = patience->duration;
    record.client_waits_header = patience->name;
  }
}

void Exchange::note_end() {
  const auto now = watch_.now();
  audit::Record record;
  static_cast<audit::Notes&>(record) = std::move(notes_);
  record.started = incoming_.started_wall;
  record.request_id = incoming_.request_id;
  record.endpoint = config::name_of(traits_.endpoint);
  record.path = traits_.path;
  record.model = request_.model;
  record.stream = request_.stream;
  if (route_.rule) record.rule = route_.rule->pattern;
  record.status = client_.status();
  record.outcome = telemetry::name_of(outcome_);
  if (incoming_.api_key) {
    record.api_key = incoming_.api_key->settings.id;
    admission::settle(*incoming_.api_key, tokens_used(), now);
  }
  record.ended_by = cancelled_by_operator_                                       ? "operator"
                    : outcome_ == Outcome::cancelled                             ? "client"
                    : outcome_ == Outcome::success || outcome_ == Outcome::error ? "upstream"
                                                                                 : "gateway";
  record.total = watch_.deadline().limits()[deadline::Phase::total];
  record.receive = incoming_.receive;
  record.duration = now - incoming_.started;
  record.prompt_tokens = tally_.usage.prompt_tokens;
  record.completion_tokens = tally_.usage.completion_tokens;
  record.cached_tokens = tally_.usage.cached_tokens;
  record.reasoning_tokens = tally_.usage.reasoning_tokens;
  record.content_events = tally_.content_events;
  record.heartbeats = tally_.heartbeats;
  record.bytes_in = incoming_.bytes_in;
  record.bytes_out = client_.bytes_sent();
  record.client = incoming_.client;
  record.inner = incoming_.inner;
  note_patience(record);
  if (!record.attempts.empty()) record.connect = record.attempts.back().connect;
  // An answer in one piece has no first token of its own.
  if (request_.stream && tally_.first_token_at)
    record.first_token = *tally_.first_token_at - incoming_.started;
  if (texts_)
    core_.journal.add_texts(incoming_.request_id, std::move(texts_->prompt), std::move(texts_->answer.text));
  core_.journal.add(record);

  const auto endpoint = static_cast<std::size_t>(traits_.endpoint);
  core_.metrics.requests[endpoint][static_cast<std::size_t>(outcome_)].add();
  core_.metrics.request_duration[endpoint].observe(record.duration);
  if (record.first_token) core_.metrics.time_to_first_token[endpoint].observe(*record.first_token);
  core_.metrics.prompt_tokens.add(record.prompt_tokens.value_or(0));
  // Where the upstream does not count, a content event is a token, as near as can be known.
  core_.metrics.completion_tokens.add(record.completion_tokens.value_or(tally_.content_events));
}

}  // namespace punctual::gateway
