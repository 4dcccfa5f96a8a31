#include "base/decimal.hpp"

#include <algorithm>
#include <charconv>

namespace punctual::base {

namespace {

// `number` thousandths.
char* write_thousandths(char* to, std::uint64_t number, bool all_decimals) {
  to = write_unsigned(to, number / 1000);
  const auto rest = static_cast<unsigned>(number % 1000);
  if (rest == 0 && !all_decimals) return to;
  *to++ = '.';
  *to++ = static_cast<char>('0' + rest / 100);
  *to++ = static_cast<char>('0' + rest / 10 % 10);
  *to++ = static_cast<char>('0' + rest % 10);
  while (!all_decimals && to[-1] == '0')
    --to;
  return to;
}

std::uint64_t count_of(std::chrono::nanoseconds duration) {
  return static_cast<std::uint64_t>(std::max(duration, std::chrono::nanoseconds(0)).count());
}

}  // namespace

char* write_unsigned(char* to, std::uint64_t number) {
  if (number < 10) {
    *to = static_cast<char>('0' + number);
    return to + 1;
  }
  return std::to_chars(to, to + decimal_bytes_max, number).ptr;
}

char* write_milliseconds(char* to, std::chrono::nanoseconds duration) {
  return write_thousandths(to, count_of(duration) / 1000, true);
}

char* write_seconds(char* to, std::chrono::nanoseconds duration) {
  // Rounded, as the errors round it.
  return write_thousandths(to, (count_of(duration) + 500'000) / 1'000'000, false);
}

void append_unsigned(std::string& out, std::uint64_t number) {
  char digits[decimal_bytes_max];
  out.append(digits, write_unsigned(digits, number));
}

void append_milliseconds(std::string& out, std::chrono::nanoseconds duration) {
  char digits[decimal_bytes_max];
  out.append(digits, write_milliseconds(digits, duration));
}

void append_seconds(std::string& out, std::chrono::nanoseconds duration) {
  char digits[decimal_bytes_max];
  out.append(digits, write_seconds(digits, duration));
}

}  // namespace punctual::base
