#include "requestlog/times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/text.hpp"

namespace punctual::requestlog {

namespace {

constexpr std::int64_t second = 1'000'000;

// Reads decimal digits of a fixed width.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}

  std::optional<int> number(std::size_t width) {
    if (text_.size() < width) return std::nullopt;
    int value = 0;
    for (const char c : text_.substr(0, width)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    text_.remove_prefix(width);
    return value;
  }
  bool take(char wanted) {
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

std::optional<std::int64_t> day(Digits& digits) {
  const auto year = digits.number(4);
  if (!year || !digits.take('-')) return std::nullopt;
  const auto month = digits.number(2);
  if (!month || !digits.take('-')) return std::nullopt;
  const auto of_month = digits.number(2);
  if (!of_month || *year < 1970) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*of_month)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<std::int64_t> time_of_day(Digits& digits) {
  const auto hour = digits.number(2);
  if (!hour || !digits.take(':')) return std::nullopt;
  const auto minute = digits.number(2);
  if (!minute || !digits.take(':')) return std::nullopt;
  const auto of_minute = digits.number(2);
  if (!of_minute || *hour > 23 || *minute > 59 || *of_minute > 60) return std::nullopt;
  std::int64_t result = (std::int64_t{*hour} * 3600 + *minute * 60 + *of_minute) * second;
  if (!digits.take('.')) return result;
  std::int64_t unit = second / 10;
  auto digit = digits.number(1);
  if (!digit) return std::nullopt;
  for (; digit; digit = digits.number(1)) {
    result += *digit * unit;
    unit /= 10;
  }
  return result;
}

std::optional<std::int64_t> zone(Digits& digits) {
  if (digits.take('Z') || digits.take('z')) return 0;
  const bool ahead = digits.take('+');
  if (!ahead && !digits.take('-')) return std::nullopt;
  const auto hours = digits.number(2);
  if (!hours || !digits.take(':')) return std::nullopt;
  const auto minutes = digits.number(2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t offset = (std::int64_t{*hours} * 60 + *minutes) * 60 * second;
  return ahead ? offset : -offset;
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  Digits digits(text);
  const auto days = day(digits);
  if (!days) return std::nullopt;
  const std::int64_t begin = *days * 24 * 3600 * second;
  if (digits.rest().empty()) return begin;
  if (!digits.take('T') && !digits.take('t') && !digits.take(' ')) return std::nullopt;
  const auto time = time_of_day(digits);
  if (!time) return std::nullopt;
  const auto offset = zone(digits);
  if (!offset || !digits.rest().empty()) return std::nullopt;
  return begin + *time - *offset;
}

std::string rfc3339(std::int64_t microseconds) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(microseconds)};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::int64_t rest = (time - days).count();
  const std::int64_t fraction = rest % second;
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                          rest / second / 3600, rest / second / 60 % 60, rest / second % 60);
  text += fraction % 1000 == 0 ? fmt::format("{:03}Z", fraction / 1000) : fmt::format("{:06}Z", fraction);
  return text;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double microseconds;
  };
  constexpr Unit units[] = {{"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}};
  constexpr double microseconds_max = 100.0 * 365 * 86400e6;
  double unit = 1e6;
  for (const auto& candidate : units) {
    if (!text.ends_with(candidate.name)) continue;
    unit = candidate.microseconds;
    text.remove_suffix(candidate.name.size());
    break;
  }
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto number = base::parse_decimal(text);
  if (!number || *number * unit > microseconds_max) return std::nullopt;
  return std::llround(*number * unit);
}

}  // namespace punctual::requestlog
