// Which records are meant: the parameters of a query (?data_source=a&outcome=failed&from=1h), read strictly.
// Values of one parameter are alternatives; different parameters must all be met. A plain value.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "deadline/clock.hpp"
#include "requestlog/filter.hpp"
#include "requestlog/statement.hpp"

namespace punctual::queryaudit {

struct Filter {
  std::vector<std::string> data_sources = {};  // names
  std::vector<std::string> outcomes = {};
  std::vector<std::string> users = {};
  std::vector<std::string> models = {};
  std::vector<std::string> requests = {};  // ids of requests or of chats
  std::optional<std::int64_t> from = {};   // at or after; microseconds
  std::optional<std::int64_t> to = {};     // before
};

// `others` are names that belong to somebody else; any other name is an error.
std::expected<Filter, requestlog::ParameterError> parse_filter(
    std::span<const requestlog::Parameter> parameters, deadline::WallTime now,
    std::span<const std::string_view> others);

// " AND ..." for each condition, behind a WHERE that has one already.
void add_filter(requestlog::Statement& statement, const Filter& filter);

}  // namespace punctual::queryaudit
