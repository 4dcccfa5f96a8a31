// All requests that a filter matches, as CSV or JSON lines, a piece at a time: whoever sends them asks for
// the next piece when the last one is gone. In the order of ids; what is stored after `open` is not in it.
//
// Blocking, on the caller's connection, which must outlive the exporter; no transaction is held between the
// calls, so that an export which nobody reads holds up nothing. What retention deletes meanwhile is not in
// it. Memory: the rows of one piece. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "requestlog/filter.hpp"
#include "storage/connection.hpp"

namespace punctual::requestlog {

enum class ExportFormat : std::uint8_t { csv, json_lines };

enum class ExportState : std::uint8_t { more, ended, failed };

class Exporter {
 public:
  static constexpr std::size_t piece_bytes = 64 * 1024;  // about
  static constexpr std::int64_t ids_per_piece_max = 20'000;

  static std::expected<Exporter, storage::Error> open(storage::Connection& connection, Filter filter,
                                                      ExportFormat format);

  // Appends a piece; it may be empty although there is more, where the filter leaves out much. After
  // `failed`, `error` says why; the text is then not whole.
  ExportState next(std::string& out);

  const storage::Error& error() const { return error_; }
  std::uint64_t rows() const { return rows_; }  // so far

 private:
  Exporter(storage::Connection& connection, Filter filter, ExportFormat format)
      : connection_(&connection), filter_(std::move(filter)), format_(format) {}
  void append(std::string& out, storage::Row row) const;
  std::size_t rows_per_piece() const;

  storage::Connection* connection_;
  Filter filter_;
  ExportFormat format_;
  std::int64_t after_id_ = 0;
  std::int64_t last_id_ = 0;
  bool began_ = false;
  std::uint64_t rows_ = 0;
  std::uint64_t row_bytes_ = 0;  // of the rows so far
  storage::Error error_;
};

// "text/csv; charset=utf-8; header=present", "application/jsonl".
std::string_view media_type(ExportFormat format);

}  // namespace punctual::requestlog
