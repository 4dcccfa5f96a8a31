// How the ends of a request are told to the client: each with its status, its words and its fields.
#pragma once

#include <string>

#include "admission/key_policy.hpp"
#include "api/operation.hpp"
#include "backend/failure.hpp"
#include "deadline/deadline.hpp"
#include "http/problem.hpp"

namespace punctual::gateway {

// "Request timed out after 900 seconds", "Request timed out: no first token after 30 seconds".
std::string timeout_message(const deadline::Expiry& expiry);

http::Problem timeout_problem(const deadline::Expiry& expiry, deadline::Duration elapsed,
                              bool upstream_answered);
http::Problem upstream_problem(const backend::Failure& failure, bool upstream_answered);
http::Problem draining_problem();
http::Problem cancelled_problem();  // by an operator
http::Problem refusal_problem(const admission::Refusal& refusal);

}  // namespace punctual::gateway
