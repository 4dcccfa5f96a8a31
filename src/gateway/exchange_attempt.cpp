// One target's turn: its slot, its translation, its call, and what its end says of it.
#include "gateway/exchange_attempt.hpp"

#include <fmt/format.h>

#include "dialects/without_progress.hpp"
#include "gateway/own_body.hpp"
#include "gateway/problems.hpp"
#include "telemetry/log.hpp"

namespace punctual::gateway {

using deadline::Phase;
using telemetry::Outcome;

namespace {

// "127.0.0.1:41234", "[::1]:41234": all connections of a machine are one client.
std::string_view host_of(std::string_view peer) {
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace

base::Task<Exchange::Verdict> Exchange::attempt(Choice choice) {
  Attempt attempt(*this, choice);
  const auto& provider = *attempt.candidate.provider;
  const auto kind = stream_kind_of(request_.operation, attempt.passage);
  const bool streams = !provider.local_model.empty() || (route_.rule && route_.rule->stream_upstream);
  if (streams && !request_.stream && kind) {
    attempt.assembler = dialects::make_assembler(*kind);
  }
  budget_.provider = &provider.timeouts;
  budget_.upstream_streams = request_.stream || attempt.assembler;
  watch_.set_limits(admission::limits_of(budget_));
  auto& noted = notes_.attempts.emplace_back();
  noted.provider = provider.name;
  noted.model = attempt.candidate.model;
  noted.outcome = "success";
  attempt_ = &attempt;
  Verdict verdict = Verdict::give_up;
  if (translate(attempt)) {
    const Verdict served = co_await serve(attempt);
    verdict = served;
  } else {
    verdict = next_or(Verdict::give_up, attempt, false);
  }
  attempt_ = nullptr;
  note_attempt(attempt);
  co_return verdict;
}

// False, with a problem, when the target's format cannot express the request.
bool Exchange::translate(Attempt& attempt) {
  left_out_.clear();
  const auto& passage = attempt.passage;
  if (passage.translated()) {
    auto translated = translated_body(request_, passage, *attempt.candidate.provider, attempt.candidate.model,
                                      core_.json_reader);
    if (!translated) {
      notes_.attempts.back().outcome = "untranslatable";
      notes_.attempts.back().detail = translated.error().message;
      outcome_ = Outcome::refused;
      set_problem(std::move(translated.error()));
      return false;
    }
    left_out_ = left_out_header(translated->left_out);
    attempt.own_body = std::move(translated->body);
    auto context = std::move(translated->answer);
    context.request_id = incoming_.request_id;
    context.model = request_.model;
    context.stream = request_.stream;
    context.created =
        std::chrono::duration_cast<std::chrono::seconds>(incoming_.started_wall.time_since_epoch()).count();
    attempt.translator =
        dialects::make_answer_translator(passage.upstream, passage.client, std::move(context));
    attempt.conversion.events = attempt.translator.get();
    attempt.conversion.document = [translator = attempt.translator.get()](std::string_view document) {
      return translator->document(document);
    };
  }
  if (attempt.assembler) {
    if (attempt.own_body.empty()) attempt.own_body = body_for(request_, attempt.candidate.model);
    attempt.own_body = as_stream(attempt.own_body, passage.upstream, *attempt.candidate.provider);
  }
  if (attempt.candidate.provider->quirks.return_progress) ask_for_progress(attempt);
  return true;
}

// An engine that tells how far the prompt is gives it up as soon as its client leaves.
void Exchange::ask_for_progress(Attempt& attempt) {
  const bool streams = request_.stream || attempt.assembler;
  if (!streams || !stream_kind_of(request_.operation, attempt.passage)) return;
  if (attempt.own_body.empty()) attempt.own_body = body_for(request_, attempt.candidate.model);
  const bool asked_for = add_return_progress(attempt.own_body);
  if (asked_for || attempt.translator || attempt.assembler) return;
  attempt.without_progress = std::make_unique<dialects::WithoutProgress>();
  attempt.conversion.events = attempt.without_progress.get();
}

// Its engine if it is a local model, then its slot, then the call.
base::Task<Exchange::Verdict> Exchange::serve(Attempt& attempt) {
  const auto& provider = *attempt.candidate.provider;
  EngineWait engine(core_, watch_);
  if (!provider.local_model.empty()) {
    const auto refused = co_await take_engine(attempt, engine);
    if (refused) co_return *refused;
  }
  SlotWait slot(core_, watch_, *attempt.choice.target);
  if (provider.in_flight_max > 0) {
    const auto refused = co_await take_slot(attempt, slot);
    if (refused) co_return *refused;
  }
  if (provider.local_model.empty()) {
    const Verdict called = co_await call_upstream(attempt);
    co_return called;
  }
  // Its engine may have been started anew while it waited for the slot.
  while (!engine.still_ready()) {
    const auto refused = co_await take_engine(attempt, engine);
    if (refused) co_return *refused;
  }
  pool::EngineCall on_engine(engine.engine());
  const Verdict called = co_await call_upstream(attempt);
  if (attempt.call.left_unfinished()) {
    release_when_free(attempt, engine.engine(),
                      {.lease = std::move(engine.lease()),
                       .call = std::move(on_engine),
                       .release = [held = std::move(slot.lease())]() mutable { held.end(); }});
  }
  co_return called;
}

// Closing the connection is how an engine is told to stop; whether it has is for the pool to find out.
void Exchange::release_when_free(Attempt& attempt, const std::shared_ptr<pool::Engine>& engine,
                                 pool::Cancelled cancelled) {
  attempt.call.cancel();
  cancelled.at = watch_.interruption() ? watch_.interrupted_at() : watch_.now();
  cancelled.answering = tally_.first_token_at.has_value();
  core_.local_models->release_when_free(engine, std::move(cancelled));
}

// Nothing: it has the engine.
base::Task<std::optional<Exchange::Verdict>> Exchange::take_engine(Attempt& attempt, EngineWait& wait) {
  const std::string_view model = attempt.candidate.provider->local_model;
  attempt.loading = true;
  const EngineWait::Ending ending = co_await wait.run(model);
  attempt.loading = false;
  if (wait.waited() > deadline::Duration::zero())
    notes_.load = notes_.load.value_or(deadline::Duration::zero()) + wait.waited();
  if (ending == EngineWait::Ending::ready) co_return std::nullopt;
  if (ending == EngineWait::Ending::interrupted) co_return judge_interruption(attempt);
  notes_.attempts.back().outcome = "not_loaded";
  notes_.attempts.back().detail = wait.reason();
  outcome_ = Outcome::refused;
  set_problem(not_loaded_problem(wait.reason(), wait.retry_after()));
  co_return next_or(Verdict::give_up, attempt, false);
}

// Nothing: it has a slot.
base::Task<std::optional<Exchange::Verdict>> Exchange::take_slot(Attempt& attempt, SlotWait& wait) {
  const auto& candidate = attempt.candidate;
  const targets::SlotLimits limits{candidate.provider->in_flight_max, candidate.provider->waiting_max};
  const auto needs = request_.stream ? core_.arrival_times.usual(candidate.provider->name, candidate.model)
                                     : attempt.choice.target->slots->usually_held();
  attempt.wait = &wait;
  const auto client = std::hash<std::string_view>{}(
      incoming_.api_key ? std::string_view(incoming_.api_key->settings.id) : host_of(incoming_.client));
  const SlotWait::Ending ending = co_await wait.run(limits, needs, client);
  attempt.wait = nullptr;
  notes_.queue = notes_.queue.value_or(deadline::Duration::zero()) + wait.waited();
  if (ending == SlotWait::Ending::served) {
    const bool waited = wait.waited() > deadline::Duration::zero();
    if (!waited || attempt.choice.pass == targets::Pass::trial) co_return std::nullopt;
    if (attempt.choice.target->breaker.admits(watch_.now())) co_return std::nullopt;
    co_return refuse_left_alone(attempt);
  }
  if (ending == SlotWait::Ending::interrupted) co_return judge_interruption(attempt);
  core_.metrics.queue_refusals.add();
  auto problem = ending == SlotWait::Ending::full ? queue_full_problem(candidate, limits, wait.forecast())
                                                  : queue_too_late_problem(candidate, wait.forecast());
  notes_.attempts.back().outcome = "busy";
  notes_.attempts.back().detail = problem.message;
  outcome_ = Outcome::refused;
  set_problem(std::move(problem));
  co_return next_or(Verdict::give_up, attempt, false);
}

// The target was found to fail while this request waited for it.
Exchange::Verdict Exchange::refuse_left_alone(Attempt& attempt) {
  const auto opens_in = attempt.choice.target->breaker.view(watch_.now()).opens_in;
  notes_.attempts.back().outcome = "skipped";
  notes_.attempts.back().detail = "its breaker opened meanwhile";
  outcome_ = Outcome::refused;
  set_problem(left_alone_problem(request_.model, 1, opens_in.value_or(deadline::Duration::zero())));
  return next_or(Verdict::give_up, attempt, false);
}

base::Task<Exchange::Verdict> Exchange::call_upstream(Attempt& attempt) {
  std::string model_text;
  const auto body = attempt.own_body.empty()
                        ? api::upstream_body(request_, attempt.candidate.model, model_text)
                        : api::UpstreamBody(attempt.own_body);
  backend::UpstreamRequest upstream;
  upstream.provider = attempt.candidate.provider;
  upstream.path = attempt.passage.path;
  upstream.client_head = &received_head();
  upstream.translated = attempt.passage.translated();
  upstream.request_id = incoming_.request_id;
  upstream.body_bytes = body.size();
  attempt.choice.target->calls.fetch_add(1, std::memory_order_relaxed);
  watch_.start(Phase::attempt);
  const auto body_pieces = body.pieces();
  call_ = &attempt.call;
  Verdict verdict = Verdict::answered;
  const auto opened = co_await attempt.call.open(upstream, body_pieces);
  if (opened) {
    const Verdict answered = co_await answer(attempt);
    verdict = answered;
  } else {
    verdict = judge_failure(attempt, opened.error());
  }
  call_ = nullptr;
  co_return verdict;
}

base::Task<Exchange::Verdict> Exchange::answer(Attempt& attempt) {
  const auto& head = attempt.call.head();
  auto& noted = notes_.attempts.back();
  noted.status = head.status;
  notes_.upstream_request_id = head.headers.value("x-request-id");
  const bool success = head.status >= 200 && head.status < 300;
  if (!success) {
    const Verdict judged = judge_status(attempt);
    if (judged == Verdict::try_next) co_return judged;
  }
  std::string_view media_type = head.headers.value("content-type");
  const bool events = success && media_type.starts_with("text/event-stream");
  if (client_.begun() && !events) {
    refuse_committed(attempt);
    co_return Verdict::give_up;
  }
  event_stream_ = events && !attempt.assembler;
  if (!events) {
    // The model has begun to answer; what follows is bounded by the wider clocks.
    watch_.stop(Phase::first_token);
    if (success) tally_.first_token_at = watch_.now();
    if (attempt.translator && !success) {
      attempt.conversion.document = [this, &attempt](std::string_view document) {
        return dialects::translate_error(attempt.passage.upstream, attempt.passage.client,
                                         attempt.call.head().status, document, incoming_.request_id);
      };
    }
  }
  if (!event_stream_) watch_.cancel_heartbeat();
  const Verdict relayed = co_await relay_answer(attempt, events);
  co_return relayed;
}

base::Task<Exchange::Verdict> Exchange::relay_answer(Attempt& attempt, bool events) {
  const bool one_by_one = events && !attempt.assembler;
  const bool converts =
      one_by_one ? attempt.conversion.events != nullptr : attempt.conversion.document != nullptr;
  const relay::RelayContext context{watch_,
                                    client_,
                                    core_.reader,
                                    core_.workspace,
                                    tally_,
                                    *this,
                                    texts_ ? &texts_->answer : nullptr,
                                    converts ? &attempt.conversion : nullptr};
  auto& call = attempt.call;
  const bool assembles = events && attempt.assembler;
  auto relaying = assembles ? relay_assembled(context, call, *attempt.assembler)
                  : events  ? relay_events(context, call, find_next(attempt, false))
                            : relay_document(context, call);
  const relay::Ending ending = co_await relaying;
  watch_.cancel_heartbeat();
  auto& noted = notes_.attempts.back();
  switch (ending) {
    case relay::Ending::complete:
      break;
    case relay::Ending::interrupted:
      co_return judge_interruption(attempt);
    case relay::Ending::upstream_failed:
      co_return judge_failure(attempt, call.failure());
    case relay::Ending::client_broken:
      noted.outcome = "cancelled";
      give_up_on_client();
      co_return Verdict::give_up;
  }
  // What became of the targets before this one is in their attempts.
  outcome_ = Outcome::success;
  const bool success = noted.status >= 200 && noted.status < 300;
  if (success) attempt.judgement = tally_.upstream_error_event ? Judgement::bad : Judgement::good;
  if (!success || tally_.upstream_error_event) {
    noted.outcome = "status";
    outcome_ = Outcome::error;
  }
  problem_.reset();
  notes_.fired.reset();
  co_return Verdict::answered;
}

// The end of the attempt: the record's line, the target's health.
void Exchange::note_attempt(Attempt& attempt) {
  // What is left to do, such as telling the client, is no part of the upstream's call.
  for (const Phase phase : {Phase::queue, Phase::connect, Phase::first_token, Phase::idle, Phase::attempt})
    watch_.stop(phase);
  auto& noted = notes_.attempts.back();
  noted.duration = watch_.now() - attempt.started;
  noted.reused_connection = attempt.call.reused();
  noted.connect = attempt.call.connect_duration();
  if (tally_.first_token_at) noted.first_token = *tally_.first_token_at - attempt.started;
  if (noted.outcome == "success" && noted.first_token) {
    core_.arrival_times.learn(noted.provider, noted.model, *noted.first_token);
  }
  if (attempt.judgement == Judgement::bad) {
    attempt.choice.target->failures.fetch_add(1, std::memory_order_relaxed);
    attempt.choice.target->unreachable.store(attempt.unreachable, std::memory_order_relaxed);
  }
  if (!attempt.answered_well || attempt.judgement == Judgement::bad) report(attempt);
}

void Exchange::report(Attempt& attempt) {
  auto& breaker = attempt.choice.target->breaker;
  const auto& settings = settings_.configuration->breaker;
  const auto now = watch_.now();
  const auto pass = std::exchange(attempt.choice.pass, targets::Pass::usual);
  switch (attempt.judgement) {
    case Judgement::unclear:
      return breaker.abandoned(pass, now);
    case Judgement::good:
      if (!breaker.succeeded(pass, now, settings)) return;
      return telemetry::log_info(
          fmt::format("breaker closed: {} answers again", attempt.choice.target->name()));
    case Judgement::bad:
      if (!breaker.failed(pass, now, settings)) return;
      core_.metrics.breakers_opened.add();
      return telemetry::log_warning(
          fmt::format("breaker open: {} fails ({}), and is left alone for {:.1f} s",
                      attempt.choice.target->name(), notes_.attempts.back().outcome,
                      deadline::seconds(breaker.view(now).opens_in.value_or(deadline::Duration()))));
  }
}

}  // namespace punctual::gateway
