// A line of the journal (audit/record.hpp) as a row of the table `requests`. One thread at a time: the parser
// is kept for the next line.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.hpp"
#include "storage/value.hpp"

namespace punctual::requestlog {

// Where the values of a row go, in their order: for Connection::insert.
extern const std::string_view inserted_requests;

namespace request_column {
inline constexpr std::size_t started = 0;
inline constexpr std::size_t ended = 1;
inline constexpr std::size_t request_id = 2;
inline constexpr std::size_t provider = 4;
inline constexpr std::size_t bytes = 16;
inline constexpr std::size_t document = 17;
inline constexpr std::size_t count = 18;
}  // namespace request_column

class RecordReader {
 public:
  // `line` without its line break: JSON, so that it is UTF-8 and has no NUL. A text in it that has one (as an
  // escape) is changed in its column. The error says why the line is no record.
  std::expected<std::vector<storage::Value>, std::string> read(std::string_view line);
  // The same in the memory of a row that is not needed any more, whatever it holds; also after an error.
  std::expected<void, std::string> read_into(std::string_view line, std::vector<storage::Value>& row);

 private:
  // A line of any form: its document has no marks.
  std::expected<void, std::string> read_any(std::string_view line, std::vector<storage::Value>& row);

  json::Reader reader_;
};

}  // namespace punctual::requestlog
