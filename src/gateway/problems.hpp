// How the ends of a request are told to the client: each with its status, its words and its fields.
#pragma once

#include <string>

#include "admission/key_policy.hpp"
#include "api/operation.hpp"
#include "backend/failure.hpp"
#include "deadline/deadline.hpp"
#include "http/problem.hpp"
#include "routing/route.hpp"
#include "targets/slot_queue.hpp"

namespace punctual::gateway {

// "Request timed out after 900 seconds", "Request timed out: no first token after 30 seconds".
std::string timeout_message(const deadline::Expiry& expiry);

http::Problem timeout_problem(const deadline::Expiry& expiry, deadline::Duration elapsed,
                              bool upstream_answered);
http::Problem upstream_problem(const backend::Failure& failure, bool upstream_answered);
http::Problem draining_problem();
http::Problem cancelled_problem();  // by an operator
// Every target's breaker is open; the first is tried again in `wait`. Zero: it is being tried, or held open.
http::Problem left_alone_problem(std::string_view model, std::size_t targets, deadline::Duration wait);
// Too many wait for the target's slots; `forecast`: how long the last of them will.
http::Problem queue_full_problem(const routing::Candidate& candidate, const targets::SlotLimits& limits,
                                 deadline::Duration forecast);
// A slot would come too late for the deadline.
http::Problem queue_too_late_problem(const routing::Candidate& candidate, deadline::Duration forecast);
// A local model that cannot be had now; `reason` is a whole sentence.
http::Problem not_loaded_problem(std::string reason, deadline::Duration retry_after);
http::Problem refusal_problem(const admission::Refusal& refusal);

}  // namespace punctual::gateway
