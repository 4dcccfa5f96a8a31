// Which requests are meant: the parameters of a query (?model=a&model=b&status=5xx&from=1h), read strictly.
// Values of one parameter are alternatives; different parameters must all be met. A plain value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "deadline/clock.hpp"

namespace punctual::requestlog {

struct StatusRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool operator==(const StatusRange&) const = default;
};

// The columns that facets are made of.
enum class Dimension : std::uint8_t { model, endpoint, provider, outcome, limit, status };

struct Filter {
  std::vector<std::string> models = {};             // model=
  std::vector<std::string> endpoints = {};          // endpoint=
  std::vector<std::string> providers = {};          // provider=
  std::vector<std::string> rules = {};              // rule=: its pattern
  std::vector<StatusRange> statuses = {};           // status=503, status=5xx, status=0 (nothing was sent)
  std::vector<std::string> outcomes = {};           // outcome=timeout
  std::vector<std::string> limits = {};             // limit=first_token, limit=none ("": no limit ended it)
  std::vector<std::string> keys = {};               // key=
  std::vector<std::string> searches = {};           // q=: the whole request id, or a part of the model's name
  std::optional<std::int64_t> from = {};            // started at or after: RFC 3339, or how long ago
  std::optional<std::int64_t> to = {};              // started before
  std::optional<std::int64_t> slower_than_us = {};  // slower_than=2.5 (seconds), slower_than=500ms
  std::optional<std::int64_t> faster_than_us = {};  // faster_than=, likewise

  // The same without the conditions of one column.
  Filter without(Dimension dimension) const;

  bool operator==(const Filter&) const = default;
};

// One parameter of a query, decoded.
struct Parameter {
  std::string name;
  std::string value;
};

struct ParameterError {
  std::string parameter;
  std::string value;
  std::string message;  // one sentence: what is wrong and what would be right
};

inline constexpr std::size_t query_bytes_max = 16 * 1024;
inline constexpr std::size_t query_parameters_max = 100;
inline constexpr std::size_t query_value_bytes_max = 512;

// `query`: what follows the question mark; %41 and + are decoded.
std::expected<std::vector<Parameter>, ParameterError> parse_query(std::string_view query);

// `others` are the names that belong to the caller (cursor, count, ...); any further one is an error.
std::expected<Filter, ParameterError> parse_filter(std::span<const Parameter> parameters,
                                                   deadline::WallTime now,
                                                   std::span<const std::string_view> others = {});

}  // namespace punctual::requestlog
