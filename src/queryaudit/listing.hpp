// Records as pages, newest first, one of them, and all of them as CSV or JSON lines a piece at a time.
//
// Blocking, on a connection of the caller's own. A page ends at the id of its last record, so pages do not
// shift when records arrive.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "queryaudit/filter.hpp"
#include "queryaudit/record.hpp"
#include "requestlog/exporter.hpp"
#include "storage/connection.hpp"

namespace punctual::queryaudit {

inline constexpr std::int64_t page_records_max = 500;
inline constexpr std::int64_t page_records_default = 50;

struct Page {
  std::vector<Record> records;        // newest first
  std::optional<std::int64_t> older;  // for the next page; none: there are no more
};

std::expected<Page, storage::Error> list(storage::Connection& connection, const Filter& filter,
                                         std::optional<std::int64_t> older_than, std::int64_t records_max);

std::expected<std::optional<Record>, storage::Error> find(storage::Connection& connection, std::int64_t id);

// As the API has it (docs/openapi.json).
boost::json::object to_json(const Record& record);

// Oldest first; what is recorded after `open` is not in it. The connection must outlive it.
class Exporter {
 public:
  static std::expected<Exporter, storage::Error> open(storage::Connection& connection, Filter filter,
                                                      requestlog::ExportFormat format);
  // Appends a piece. After `failed` the text is not whole.
  requestlog::ExportState next(std::string& out);

 private:
  Exporter(storage::Connection& connection, Filter filter, requestlog::ExportFormat format)
      : connection_(&connection), filter_(std::move(filter)), format_(format) {}

  storage::Connection* connection_;
  Filter filter_;
  requestlog::ExportFormat format_;
  std::int64_t after_ = 0;
  std::int64_t last_ = 0;
  bool began_ = false;
};

}  // namespace punctual::queryaudit
