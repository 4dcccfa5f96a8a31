// Numbers as text, appended: the plain forms that heads and records need, without a format string.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace punctual::base {

void append_unsigned(std::string& out, std::uint64_t number);

// Milliseconds with three decimals, rounded down: "1.250", "0.004". Negative durations count as zero.
void append_milliseconds(std::string& out, std::chrono::nanoseconds duration);

// Seconds with as many decimals as there are, at most three, rounded: "900", "0.5", "29.4".
void append_seconds(std::string& out, std::chrono::nanoseconds duration);

}  // namespace punctual::base
