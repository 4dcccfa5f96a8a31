#include "base/decimal.hpp"

#include <algorithm>
#include <charconv>

namespace punctual::base {

namespace {

// `number` thousandths.
void append_thousandths(std::string& out, std::uint64_t number, bool all_decimals) {
  append_unsigned(out, number / 1000);
  const std::uint64_t rest = number % 1000;
  if (rest == 0 && !all_decimals) return;
  const char digits[] = {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                         static_cast<char>('0' + rest % 10)};
  std::size_t count = sizeof digits;
  while (!all_decimals && digits[count - 1] == '0')
    --count;
  out.append(digits, count);
}

std::uint64_t count_of(std::chrono::nanoseconds duration) {
  return static_cast<std::uint64_t>(std::max(duration, std::chrono::nanoseconds(0)).count());
}

}  // namespace

void append_unsigned(std::string& out, std::uint64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_milliseconds(std::string& out, std::chrono::nanoseconds duration) {
  append_thousandths(out, count_of(duration) / 1000, true);
}

void append_seconds(std::string& out, std::chrono::nanoseconds duration) {
  // Rounded, as the errors round it.
  append_thousandths(out, (count_of(duration) + 500'000) / 1'000'000, false);
}

}  // namespace punctual::base
