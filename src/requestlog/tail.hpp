// What has been stored since, in the order of ids: for live events and their resume. Blocking.
//
// Ids are in the order in which rows become visible, so a reader that goes on from `seen` misses nothing and
// sees nothing twice. `Recorder::sequence` and a subscription of the store say when to look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <vector>

#include "requestlog/entry.hpp"
#include "requestlog/filter.hpp"
#include "storage/connection.hpp"

namespace punctual::requestlog {

struct Tail {
  std::vector<Entry> entries;  // in the order of ids
  std::int64_t seen = 0;       // go on from here; above the last entry if the filter leaves out what follows
  bool more = false;           // there is more already
};

// At most `entries_max` with an id above `after`.
std::expected<Tail, storage::Error> read_tail(storage::Connection& connection, const Filter& filter,
                                              std::int64_t after, std::size_t entries_max);

// 0: none is stored.
std::expected<std::int64_t, storage::Error> latest_id(storage::Connection& connection);

}  // namespace punctual::requestlog
