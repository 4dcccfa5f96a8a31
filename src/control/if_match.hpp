// The version that a change wants to find (RFC 9110, section 13.1.1).
#pragma once

#include <optional>

#include "control/context.hpp"
#include "settings/error.hpp"

namespace punctual::control {

// Nothing where it is not given or "*"; an error where it is no version of ours, which never matches.
settings::Result<std::optional<std::int64_t>> read_if_match(const Context& context);

}  // namespace punctual::control
