#include "gateway/problems.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace punctual::gateway {

using deadline::Phase;
using http::make_problem;

std::string timeout_message(const deadline::Expiry& expiry) {
  // 900 and not 900.0; at most milliseconds.
  std::string number =
      fmt::format("{:.3f}", deadline::seconds(expiry.limit.duration.value_or(deadline::Duration{})));
  while (number.ends_with('0'))
    number.pop_back();
  if (number.ends_with('.')) number.pop_back();
  const auto missing = deadline::missing_event(expiry.phase);
  if (missing.empty()) return fmt::format("Request timed out after {} seconds", number);
  return fmt::format("Request timed out: {} after {} seconds", missing, number);
}

http::Problem timeout_problem(const deadline::Expiry& expiry, deadline::Duration elapsed,
                              bool upstream_answered) {
  int status = 504;
  if (expiry.phase == Phase::receive) status = 408;
  if (expiry.phase == Phase::queue) status = 503;
  http::Problem problem = make_problem(status, timeout_message(expiry));
  problem.fired = http::FiredLimit{std::string(deadline::name_of(expiry.phase)),
                                   deadline::seconds(expiry.limit.duration.value_or(deadline::Duration{})),
                                   expiry.limit.source.text(), deadline::seconds(elapsed), upstream_answered};
  problem.should_not_retry = expiry.phase == Phase::total;
  return problem;
}

http::Problem upstream_problem(const backend::Failure& failure, bool upstream_answered) {
  const std::string what =
      upstream_answered ? "The upstream's answer broke off: " : "The upstream did not answer: ";
  return make_problem(502, what + failure.detail + ".");
}

http::Problem cancelled_problem() {
  auto problem = http::make_problem(503, "An operator has ended this request.");
  problem.should_not_retry = true;
  return problem;
}

namespace {

// An honest hint, within what SDKs obey; where nothing is known, a second.
double hint_seconds(deadline::Duration wait) {
  if (wait == deadline::Duration::zero()) return 1;
  constexpr double least = 0.1;
  constexpr double most = 60;
  return std::clamp(deadline::seconds(wait), least, most);
}

}  // namespace

http::Problem left_alone_problem(std::string_view model, std::size_t targets, deadline::Duration wait) {
  const auto who = fmt::format(
      "{} of model '{}'", targets == 1 ? "The only target" : fmt::format("All {} targets", targets), model);
  const std::string_view are = targets == 1 ? "is" : "are";
  const std::string_view them = targets == 1 ? "it" : "them";
  auto problem = make_problem(
      503, wait > deadline::Duration::zero()
               ? fmt::format("{} failed again and again and {} left alone for another {:.1f} s.", who, are,
                             deadline::seconds(wait))
               : fmt::format("{} {} left alone: another request is trying {}, or an operator wants it so.",
                             who, are, them));
  problem.retry_after_seconds = hint_seconds(wait);
  return problem;
}

http::Problem queue_full_problem(const routing::Candidate& candidate, const targets::SlotLimits& limits,
                                 deadline::Duration forecast) {
  auto problem = make_problem(
      503, fmt::format(
               "Provider '{}' has as many requests for model '{}' as it takes at once ({}), and {} more wait "
               "already.",
               candidate.provider->name, candidate.model, limits.slots, limits.waiting_max));
  problem.retry_after_seconds = hint_seconds(forecast);
  return problem;
}

http::Problem not_loaded_problem(std::string reason, deadline::Duration retry_after) {
  auto problem = make_problem(503, std::move(reason));
  if (retry_after > deadline::Duration::zero()) problem.retry_after_seconds = hint_seconds(retry_after);
  return problem;
}

http::Problem queue_too_late_problem(const routing::Candidate& candidate, deadline::Duration forecast) {
  auto problem = make_problem(
      503, fmt::format(
               "Provider '{}' could begin with this request for model '{}' in about {:.1f} s, which is too "
               "late for its deadline.",
               candidate.provider->name, candidate.model, deadline::seconds(forecast)));
  problem.retry_after_seconds = hint_seconds(forecast);
  return problem;
}

http::Problem refusal_problem(const admission::Refusal& refusal) {
  using Kind = admission::RefusalKind;
  switch (refusal.kind) {
    case Kind::key_missing:
    case Kind::key_unknown:
      return http::make_problem(401, refusal.message);
    case Kind::model_not_allowed:
      return http::make_problem(403, refusal.message, "model");
    case Kind::too_many_requests:
    case Kind::too_many_tokens:
      break;
  }
  auto problem = http::make_problem(429, refusal.message);
  problem.retry_after_seconds = std::chrono::duration<double>(refusal.retry_after).count();
  return problem;
}

http::Problem draining_problem() {
  http::Problem problem =
      make_problem(503, "The gateway is shutting down; try again, another one may be there.");
  problem.retry_after_seconds = 1;
  return problem;
}

}  // namespace punctual::gateway
