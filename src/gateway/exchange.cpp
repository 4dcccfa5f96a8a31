#include "gateway/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/problems.hpp"

namespace punctual::gateway {

using deadline::Interruption;
using deadline::Phase;
using telemetry::Outcome;

Exchange::Exchange(Core& core, deadline::Watch& watch, relay::ClientWriter& client, api::Operation operation,
                   const api::RequestLimits& request_limits, Incoming incoming)
    : core_(core),
      watch_(watch),
      client_(client),
      incoming_(std::move(incoming)),
      settings_(*incoming_.settings),
      traits_(api::traits(operation)),
      plan_(core, settings_) {
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
  if (prepare()) {
    if (plan_.left() == 0) {
      answer_estimate();
    } else {
      co_await attempt_all();
    }
  }
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
  if (core_.draining && !incoming_.inner) {
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
  plan_.begin(route_);
  for (std::size_t place = 0; place < route_.candidates.size(); ++place) {
    if (!passage_of(request_.operation, *route_.candidates[place].provider)) plan_.leave_out(place);
  }
  if (plan_.left() > 0 || request_.operation == api::Operation::count_tokens) return true;
  set_problem(http::make_problem(
      400,
      fmt::format("Model '{}' is served by provider '{}', which has nothing like {}; ask for it at "
                  "/v1/chat/completions or /v1/messages.",
                  request_.model, route->candidates[0].provider->name, traits_.path),
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

base::Task<void> Exchange::attempt_all() {
  auto choice = plan_.first(watch_.now());
  if (!choice) co_return refuse_unasked();
  for (;;) {
    const Choice chosen = *choice;
    const Verdict verdict = co_await attempt(chosen);
    if (verdict != Verdict::try_next) co_return;
    const auto fired = notes_.fired;
    watch_.recover();
    forget_attempt();
    choice.reset();
    for (auto next = next_; next && !choice; next = find_other(chosen)) {
      if (!plan_.possible(*next, watch_.now())) continue;
      const auto delay = next->delay;
      if (delay > deadline::Duration::zero()) {
        const bool rested = co_await pause(delay);
        if (!rested) co_return;
      }
      choice = plan_.take(*next, watch_.now());
    }
    // Nothing can be tried any more: what the last target did is told.
    if (!choice) {
      notes_.fired = fired;
      co_return;
    }
    (choice->place == chosen.place ? core_.metrics.retries : core_.metrics.fallbacks).add();
  }
}

std::optional<Next> Exchange::find_other(const Choice& failed) {
  const auto now = watch_.now();
  return plan_.peek(failed.place, now, watch_.deadline().remaining(now), false);
}

// Every target is left alone for now.
void Exchange::refuse_unasked() {
  watch_.set_limits(admission::limits_of(budget_));
  const auto wait = plan_.opens_in().value_or(deadline::Duration::zero());
  outcome_ = Outcome::refused;
  set_problem(left_alone_problem(request_.model, plan_.passed_over(), wait));
  for (std::size_t place = 0; place < route_.candidates.size(); ++place) {
    if (!plan_.useful(place)) continue;
    const auto candidate = route_.candidates[place];
    auto& noted = notes_.attempts.emplace_back();
    noted.provider = candidate.provider->name;
    noted.model = candidate.model;
    noted.outcome = "skipped";
    noted.detail = "its breaker is open";
  }
}

// Before the same target is asked again. False: something has ended the request meanwhile.
base::Task<bool> Exchange::pause(deadline::Duration length) {
  auto& signals = watch_.signals();
  signals.take(deadline::bits::pause);
  deadline::Timer timer(
      [](void* context) { static_cast<base::Signals*>(context)->raise(deadline::bits::pause); }, &signals);
  core_.runtime.wheel().arm(timer, watch_.now() + length);
  for (;;) {
    const auto raised = co_await watch_.wait(deadline::bits::pause);
    if (watch_.interrupted(raised)) break;
    if (raised & deadline::bits::pause) co_return true;
  }
  note_interruption(false);
  co_return false;
}

// The next target is counted afresh; the client's silence goes on.
void Exchange::forget_attempt() {
  relay::Tally tally;
  tally.heartbeats = tally_.heartbeats;
  tally_ = tally;
  notes_.fired.reset();
  if (heartbeat_interval_) watch_.set_heartbeat(client_.last_write_at() + *heartbeat_interval_);
}

}  // namespace punctual::gateway
