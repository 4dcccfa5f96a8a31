// Lines of CSV as RFC 4180 has them, and safe to open in a spreadsheet: text that a program would take for a
// formula begins with an apostrophe. Appends; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punctual::requestlog {

class CsvLine {
 public:
  explicit CsvLine(std::string& out) : out_(out) {}

  CsvLine& text(std::string_view value);
  CsvLine& number(std::int64_t value);
  CsvLine& number(std::optional<std::int64_t> value);
  // Microseconds as milliseconds, with as many decimals as there are.
  CsvLine& milliseconds(std::optional<std::int64_t> microseconds);
  void end() { out_.append("\r\n"); }

 private:
  void comma();

  std::string& out_;
  bool first_ = true;
};

}  // namespace punctual::requestlog
