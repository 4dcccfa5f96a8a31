// What values there are under a filter, with counts: each facet under all conditions but its own, so that one
// can see what choosing another value would give. Blocking; ends at the deadline, with what is done by then.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "deadline/clock.hpp"
#include "requestlog/filter.hpp"
#include "storage/connection.hpp"

namespace punctual::requestlog {

inline constexpr std::size_t facet_values_max = 50;

struct FacetValue {
  std::string value;  // as the filter takes it: "5xx" for a class of status, "none" for no limit
  std::int64_t count = 0;
};

struct Facet {
  Dimension dimension = Dimension::model;
  std::vector<FacetValue> values;  // the most frequent first
  bool more_values = false;
  bool complete = true;  // false: the time was up before this one was counted
};

// "model", "status", ...: the parameter of a query.
std::string_view name_of(Dimension dimension);

// All dimensions. The connection's deadline is `until` during the call, and none after it.
std::expected<std::vector<Facet>, storage::Error> count_facets(storage::Connection& connection,
                                                               const Filter& filter, deadline::Instant until);

boost::json::object to_json(const std::vector<Facet>& facets);

}  // namespace punctual::requestlog
