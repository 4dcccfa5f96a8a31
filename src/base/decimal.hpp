// Numbers as text: the plain forms that heads and records need, without a format string.
//
// The `write_` forms write at `to`, where room for `decimal_bytes_max` must be, and return where they ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace punctual::base {

inline constexpr std::size_t decimal_bytes_max = 24;

char* write_unsigned(char* to, std::uint64_t number);
void append_unsigned(std::string& out, std::uint64_t number);

// Milliseconds with three decimals, rounded down: "1.250", "0.004". Negative durations count as zero.
char* write_milliseconds(char* to, std::chrono::nanoseconds duration);
void append_milliseconds(std::string& out, std::chrono::nanoseconds duration);

// Seconds with as many decimals as there are, at most three, rounded: "900", "0.5", "29.4".
char* write_seconds(char* to, std::chrono::nanoseconds duration);
void append_seconds(std::string& out, std::chrono::nanoseconds duration);

}  // namespace punctual::base
