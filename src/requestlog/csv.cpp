#include "requestlog/csv.hpp"

#include <utility>

namespace punctual::requestlog {

void CsvLine::comma() {
  if (!std::exchange(first_, false)) out_.push_back(',');
}

CsvLine& CsvLine::text(std::string_view value) {
  comma();
  // A spreadsheet looks behind the quotes, and some behind spaces.
  const auto begin = value.find_first_not_of(' ');
  const bool formula =
      begin != std::string_view::npos && std::string_view("=+-@\t\r\n").contains(value[begin]);
  if (!formula && value.find_first_of("\",\r\n") == std::string_view::npos) {
    out_.append(value);
    return *this;
  }
  out_.push_back('"');
  if (formula) out_.push_back('\'');
  for (const char c : value) {
    if (c == '"') out_.push_back('"');
    out_.push_back(c);
  }
  out_.push_back('"');
  return *this;
}

CsvLine& CsvLine::number(std::int64_t value) {
  comma();
  out_.append(std::to_string(value));
  return *this;
}

CsvLine& CsvLine::number(std::optional<std::int64_t> value) {
  if (value) return number(*value);
  comma();
  return *this;
}

CsvLine& CsvLine::milliseconds(std::optional<std::int64_t> microseconds) {
  comma();
  if (!microseconds) return *this;
  // By digits: a double would round what is large.
  const bool negative = *microseconds < 0;
  const std::uint64_t size =
      negative ? ~static_cast<std::uint64_t>(*microseconds) + 1 : static_cast<std::uint64_t>(*microseconds);
  if (negative) out_.push_back('-');
  out_.append(std::to_string(size / 1000));
  std::uint64_t rest = size % 1000;
  if (rest == 0) return *this;
  out_.push_back('.');
  for (std::uint64_t unit = 100; rest != 0; rest %= unit, unit /= 10)
    out_.push_back(static_cast<char>('0' + rest / unit));
  return *this;
}

}  // namespace punctual::requestlog
