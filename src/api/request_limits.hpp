// What a request says about its own time: limits it sets, and how long its client will wait.
//
// Limits, exact: X-Request-Timeout (s), x-litellm-timeout (s), x-portkey-request-timeout (ms),
// cf-aig-request-timeout (ms), x-envoy-upstream-rq-timeout-ms. Patience, announced: Prefer: wait=<s> (RFC
// 7240), x-stainless-timeout (s), x-envoy-expected-rq-timeout-ms, and x-stainless-read-timeout (s), which is
// the longest silence between two bytes. The shortest of each kind counts. A value that is not a positive,
// finite number is refused with the header's name, never ignored.
#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "deadline/clock.hpp"
#include "http/head.hpp"
#include "http/problem.hpp"

namespace punctual::api {

struct NamedDuration {
  deadline::Duration duration{};
  std::string_view name;  // the header's name; static
};

struct RequestLimits {
  std::optional<NamedDuration> limit;
  std::optional<NamedDuration> patience;
  std::optional<NamedDuration> read_patience;
};

std::expected<RequestLimits, http::Problem> read_request_limits(const http::Headers& headers);

// How much earlier than a client's patience the answer must be there: the larger of 250 ms and 2 %, at most 2
// s and at most half of the patience.
deadline::Duration patience_margin(deadline::Duration patience);

// True for the headers above, which describe this hop and are not passed on.
bool is_limit_header(std::string_view name);

}  // namespace punctual::api
