// Stored requests as pages, newest first by (started, id), and one of them whole. Blocking, on a connection
// of the caller's own.
//
// Pages do not shift when requests arrive: a page ends at a cursor, not at a number. A request that began
// before the cursor and is stored later is on a later page; nothing is seen twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "requestlog/cursor.hpp"
#include "requestlog/entry.hpp"
#include "requestlog/filter.hpp"
#include "storage/connection.hpp"

namespace punctual::requestlog {

inline constexpr std::size_t page_entries_max = 500;
inline constexpr std::size_t page_entries_default = 50;

struct PageRequest {
  Filter filter = {};
  std::optional<Cursor> older_than = {};
  std::optional<Cursor> newer_than = {};           // without older_than: those next to it come first
  std::size_t entries_max = page_entries_default;  // held to 1..page_entries_max
};

struct Page {
  std::vector<Entry> entries;   // newest first, in both directions
  std::optional<Cursor> older;  // for older_than; none: there are none
  std::optional<Cursor> newer;  // for newer_than; none: nothing was ever listed
  bool more_newer = false;      // of newer_than: ask again
};

std::expected<Page, storage::Error> list(storage::Connection& connection, const PageRequest& request);

// How many there are, counted up to `count_max`.
std::expected<std::int64_t, storage::Error> count_up_to(storage::Connection& connection, const Filter& filter,
                                                        std::int64_t count_max);

struct Detail {
  Entry entry;
  std::string document;               // the record, as JSON: its phases and attempts
  std::optional<std::string> prompt;  // redacted; only where contents are stored
  std::optional<std::string> answer;
};

std::expected<std::optional<Detail>, storage::Error> find_by_id(storage::Connection& connection,
                                                                std::int64_t id);
// The latest, if a client has used an id twice.
std::expected<std::optional<Detail>, storage::Error> find_by_request_id(storage::Connection& connection,
                                                                        const std::string& request_id);

boost::json::object to_json(const Page& page);

}  // namespace punctual::requestlog
