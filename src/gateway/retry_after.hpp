// How long an upstream asks to be left alone: `retry-after-ms`, else `Retry-After` (RFC 9110, section 10.2.3:
// seconds, which some write with decimals, or a date).
#pragma once

#include <optional>

#include "deadline/clock.hpp"
#include "http/head.hpp"

namespace punctual::gateway {

// Nothing where it does not ask, or not in a way that can be read. Never negative, at most an hour.
std::optional<deadline::Duration> retry_after(const http::Headers& headers, deadline::WallTime now);

}  // namespace punctual::gateway
