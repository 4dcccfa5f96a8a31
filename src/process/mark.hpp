// Which gateway a process comes from: a variable that every child gets, and what it starts inherits.
//
// It names the gateway by pid and start time, so that no two gateways of one boot have the same. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace punctual::process {

// "SUPERVISED_BY=punctual-<pid>-<start time>"
std::string mark_of(int gateway_pid, std::uint64_t gateway_start_ticks);
// That of this process.
std::string own_mark();

// Whether the process was started with it. False too if it is another user's, or has written over its
// environment.
bool is_marked(int pid, const std::string& mark);

}  // namespace punctual::process
