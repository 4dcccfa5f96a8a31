// The whole body of an upstream's answer to a question of our own, held in memory.
#pragma once

#include <optional>
#include <string>

#include "backend/call.hpp"
#include "base/task.hpp"
#include "deadline/watch.hpp"

namespace punctual::backend {

// After a successful `open`. Nothing when it broke off, took longer than the watch allows, or is larger than
// `bytes_max`; else the connection is kept for the next call.
base::Task<std::optional<std::string>> read_whole(Call& call, deadline::Watch& watch, std::size_t bytes_max);

}  // namespace punctual::backend
