// How many requests began when, by outcome: the strip above a list. Blocking.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "requestlog/filter.hpp"
#include "storage/connection.hpp"

namespace punctual::requestlog {

inline constexpr std::size_t volume_buckets_max = 500;

struct Volume {
  std::int64_t from = 0;   // microseconds since the epoch
  std::int64_t width = 0;  // of a bucket; the last one may reach beyond the filter's end
  std::vector<std::map<std::string, std::int64_t>> buckets;  // outcome to count
};

// Between the filter's from and to; without them, from the oldest that matches, and to `now`.
std::expected<Volume, storage::Error> count_volume(storage::Connection& connection, const Filter& filter,
                                                   std::size_t buckets, deadline::WallTime now);

boost::json::object to_json(const Volume& volume);

}  // namespace punctual::requestlog
