// Reads the whole chain and says what does not fit: records that were changed, removed, inserted or moved.
//
// On a connection of the caller's own, in one snapshot, a page of rows in memory at a time. Blocking; the
// connection's deadline is of each call, `until` of all.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "queryaudit/chain.hpp"

namespace punctual::queryaudit {

inline constexpr std::size_t problems_max = 1000;  // that are told

struct ChainProblem {
  std::int64_t id = 0;  // of the record, or of the one before the gap; 0: before the first
  std::string what;     // "was changed after it was written"
};

struct Verified {
  std::int64_t records = 0;  // that were looked at
  std::int64_t links = 0;
  std::string head;  // the last link's hash: whoever keeps it knows later that nothing before it was replaced
  std::vector<ChainProblem> problems;

  bool ok() const { return problems.empty(); }
};

std::expected<Verified, storage::Error> verify(storage::Connection& connection, const LinkHash& hash,
                                               deadline::Instant until);

// Of the link at this place, as it is stored; empty: there is none.
std::expected<std::string, storage::Error> link_hash_at(storage::Connection& connection, std::int64_t place);

}  // namespace punctual::queryaudit
