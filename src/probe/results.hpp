// What probes found, kept in the database: the latest of each address that was probed, for a while.
//
// Plain functions for management threads; they block on the database.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "deadline/clock.hpp"
#include "probe/observation.hpp"
#include "storage/store.hpp"

namespace punctual::probe {

inline constexpr std::size_t results_max = 32;
inline constexpr deadline::Duration results_age_max = std::chrono::days(30);

struct Result {
  std::int64_t id = 0;
  std::int64_t at = 0;  // microseconds since the epoch
  std::string by;       // the API key's name; empty: none was asked for
  std::string peer;     // the address that the gateway saw
  Report report;
};

// The newest first, one of each url, none older than `results_age_max`.
std::expected<std::vector<Result>, storage::Error> read_results(storage::Connection& connection,
                                                                deadline::WallTime now);

// Takes the place of an earlier one of the same url. Recorded as a change, as all of these are.
storage::Outcome keep_result(storage::Store& store, const Result& result, const std::string& request_id,
                             deadline::Instant until);

struct Forgetting {
  std::int64_t id = 0;
  std::int64_t at = 0;  // microseconds since the epoch
  std::string actor;
  std::string request_id;
};

// False: there was none of that id.
std::expected<bool, storage::Error> forget_result(storage::Store& store, const Forgetting& forgetting,
                                                  deadline::Instant until);

// As the API has it, with each observation in words.
boost::json::object document_of(const Result& result);

}  // namespace punctual::probe
