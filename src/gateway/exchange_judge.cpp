// What the end of an attempt means: for the client, for the next target, for this one.
#include <fmt/format.h>

#include "gateway/exchange_attempt.hpp"
#include "gateway/problems.hpp"
#include "gateway/retry_after.hpp"

namespace punctual::gateway {

using deadline::Interruption;
using deadline::Phase;
using deadline::SourceKind;
using telemetry::Outcome;

namespace {

bool asked_for_by_client(SourceKind kind) {
  return kind == SourceKind::request || kind == SourceKind::patience || kind == SourceKind::api_key;
}

// The target's own doing: it was slower than the operator allows.
bool counts_against(const deadline::Expiry& expiry, bool upstream_answered) {
  if (asked_for_by_client(expiry.limit.source.kind)) return false;
  switch (expiry.phase) {
    case Phase::connect:
    case Phase::first_token:
    case Phase::idle:
    case Phase::attempt:
      return true;
    case Phase::total:
      return !upstream_answered;
    default:
      return false;
  }
}

bool may_be_asked_again(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504 || status == 529;
}

}  // namespace

// Whether something could follow; it is remembered in `next_`.
bool Exchange::find_next(const Attempt& attempt, bool again, std::optional<deadline::Duration> retry_after) {
  const auto now = watch_.now();
  next_ = plan_.peek(attempt.choice.place, now, watch_.deadline().remaining(now), again, retry_after);
  return next_.has_value();
}

Exchange::Verdict Exchange::next_or(Verdict otherwise, const Attempt& attempt, bool again) {
  return !answer_begun_ && find_next(attempt, again) ? Verdict::try_next : otherwise;
}

// An answer that is no success: passed on, unless something else can be tried.
Exchange::Verdict Exchange::judge_status(Attempt& attempt) {
  const auto& head = attempt.call.head();
  const bool clients_fault =
      head.status == 500 && attempt.candidate.provider->quirks.answers_500_to_bad_requests;
  if (head.status >= 500 && !clients_fault) attempt.judgement = Judgement::bad;
  if (head.status < 500 && head.status != 401 && head.status != 403 && head.status != 429) {
    attempt.judgement = Judgement::good;
  }
  const auto wait = retry_after(head.headers, core_.runtime.clock().wall_now());
  if (head.status == 429 || (head.status >= 500 && wait)) {
    attempt.choice.target->pause_until(watch_.now() + wait.value_or(deadline::Duration::zero()));
  }
  if (clients_fault || (head.status < 500 && head.status != 429)) return Verdict::give_up;
  if (!find_next(attempt, may_be_asked_again(head.status), wait)) return Verdict::give_up;
  notes_.attempts.back().outcome = "status";
  outcome_ = Outcome::error;
  set_problem(http::make_problem(502, fmt::format("The upstream answered with status {}.", head.status)));
  attempt.call.cancel();
  return Verdict::try_next;
}

Exchange::Verdict Exchange::judge_failure(Attempt& attempt, const backend::Failure& failure) {
  if (failure.kind == backend::FailureKind::interrupted) return judge_interruption(attempt);
  using backend::FailureKind;
  auto& noted = notes_.attempts.back();
  attempt.judgement = Judgement::bad;
  attempt.unreachable = failure.kind == FailureKind::unreachable;
  noted.outcome = failure.kind == FailureKind::unreachable ? "refused"
                  : failure.kind == FailureKind::broken    ? "reset"
                                                           : "garbage";
  noted.detail = failure.detail;
  notes_.fired.reset();
  outcome_ = Outcome::error;
  set_problem(upstream_problem(failure, attempt.call.head_received()));
  if (attempt.assembler) problem_->upstream_error = attempt.assembler->upstream_error();
  attempt.call.cancel();
  return next_or(Verdict::give_up, attempt, failure.kind != FailureKind::garbage);
}

Exchange::Verdict Exchange::judge_interruption(Attempt& attempt) {
  auto& noted = notes_.attempts.back();
  const bool upstream_answered = attempt.call.head_received();
  attempt.call.cancel();
  note_interruption(upstream_answered);
  switch (*watch_.interruption()) {
    case Interruption::client_gone:
      noted.outcome = "cancelled";
      return Verdict::give_up;
    case Interruption::stopped:
      noted.outcome = "stopped";
      return Verdict::give_up;
    case Interruption::expired:
      break;
  }
  const auto& expiry = watch_.expiry();
  noted.outcome = "timeout";
  noted.detail = timeout_message(expiry);
  if (counts_against(expiry, upstream_answered)) attempt.judgement = Judgement::bad;
  attempt.unreachable = expiry.phase == Phase::connect;
  const bool of_this_target = expiry.phase == Phase::load || expiry.phase == Phase::queue ||
                              expiry.phase == Phase::connect || expiry.phase == Phase::first_token ||
                              expiry.phase == Phase::idle || expiry.phase == Phase::attempt;
  if (!of_this_target) return Verdict::give_up;
  return next_or(Verdict::give_up, attempt, expiry.phase == Phase::connect);
}

// What has ended the request, for the client and the record.
void Exchange::note_interruption(bool upstream_answered) {
  notes_.cancel = watch_.now() - watch_.interrupted_at();
  switch (*watch_.interruption()) {
    case Interruption::client_gone:
      core_.metrics.hang_up_to_cancel.observe(*notes_.cancel);
      return give_up_on_client();
    case Interruption::stopped:
      outcome_ = cancelled_by_operator_ ? Outcome::cancelled : Outcome::stopped;
      return set_problem(cancelled_by_operator_ ? cancelled_problem() : draining_problem());
    case Interruption::expired:
      break;
  }
  note_expiry();
  set_problem(timeout_problem(watch_.expiry(), watch_.now() - incoming_.started, upstream_answered));
  client_reads_ = watch_.expiry().phase != Phase::drain;
}

// Heartbeats have promised a stream, and the upstream answered with something else.
void Exchange::refuse_committed(Attempt& attempt) {
  auto& call = attempt.call;
  const auto& head = call.head();
  notes_.attempts.back().outcome = "status";
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
