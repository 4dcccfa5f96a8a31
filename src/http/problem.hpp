// The one error document of the gateway: RFC 9457 problem details and, in the same object, the `error` that
// the OpenAI SDKs parse.
//
//   {"type": "<base>timeout", "title": "Request Timeout", "status": 504, "detail": ..., "instance": ...,
//    "request_id": ..., "limit": "total", "limit_seconds": 900, "limit_source": ..., "elapsed_seconds": ...,
//    "upstream_answered": false, "error": {"message", "type", "code", "param"}}
//
// The members from `limit` on stand only where a limit ran out. Nothing secret may be put into a problem.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace punctual::http {

struct FiredLimit {
  std::string limit;  // the phase
  double limit_seconds = 0;
  std::string limit_source;
  double elapsed_seconds = 0;
  bool upstream_answered = false;
};

struct Problem {
  int status = 500;
  std::string slug;  // the last part of `type`, and error.code with underscores for hyphens
  std::string title;
  std::string message;  // `detail` and error.message: what happened and what would be right
  std::string param;    // the field that is wrong; empty for none
  std::string allow;    // for 405: the methods that would do
  std::optional<FiredLimit> fired;
  std::optional<double> retry_after_seconds;
  bool should_not_retry = false;  // x-should-retry: false
  std::string upstream_error;     // JSON object of the upstream's own `error`; replaces ours when not empty
};

// The document, on one line.
std::string problem_json(const Problem& problem, std::string_view type_base, std::string_view instance,
                         std::string_view request_id);

// The Anthropic form: {"type": "error", "error": {"type": "timeout_error", "message", "problem", ...}, ...}.
std::string anthropic_problem_json(const Problem& problem, std::string_view type_base,
                                   std::string_view instance, std::string_view request_id);

// The usual problem for a status, such as "bad-request" for 400.
Problem make_problem(int status, std::string message, std::string param = {});

}  // namespace punctual::http
