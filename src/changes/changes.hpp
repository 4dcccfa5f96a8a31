// The record of changes: written with the change itself, read page by page.
//
// Functions on a connection of the caller's; they keep nothing. Errors are those of the database, and
// `refused` for a value that is out of bounds.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "storage/connection.hpp"
#include "storage/error.hpp"

namespace punctual::changes {

inline constexpr std::size_t value_bytes_max = 64 * 1024;
inline constexpr std::int64_t page_rows_max = 500;

struct Change {
  std::string actor;                  // "user:ada", "token:admin", "setup"
  std::string action;                 // "user.create"
  std::string subject;                // "user:ada"
  std::optional<std::string> before;  // JSON; never a secret
  std::optional<std::string> after;
  std::string request_id;  // empty: none
};

// Only in a Job, the one that makes the change.
storage::Outcome record(storage::Connection& connection, std::int64_t now_microseconds, const Change& change);

struct RecordedChange {
  std::int64_t id = 0;
  std::int64_t at_microseconds = 0;
  Change change;
};

struct Filter {
  std::optional<std::int64_t> before_id = {};  // of the last row of the page before
  std::int64_t rows_max = 100;                 // taken as 1 to page_rows_max
  std::string subject_prefix = {};             // empty: all
  std::string actor = {};                      // empty: all
};

// The newest first.
std::expected<std::vector<RecordedChange>, storage::Error> list(storage::Connection& connection,
                                                                const Filter& filter);

}  // namespace punctual::changes
