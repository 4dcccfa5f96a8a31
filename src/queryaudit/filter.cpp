#include "queryaudit/filter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "queryaudit/record.hpp"
#include "requestlog/times.hpp"
#include "storage/store.hpp"

namespace punctual::queryaudit {

namespace {

using requestlog::Parameter;
using requestlog::ParameterError;

constexpr std::string_view known = "data_source, outcome, user, model, request, from, to";

// Nothing: it was taken; else what would be right.
std::optional<std::string> read_text(std::vector<std::string>& values, const std::string& value) {
  if (value.empty()) return "a text that is not empty; leave the parameter out for all";
  values.push_back(value);
  return std::nullopt;
}

std::optional<std::string> read_outcome(std::vector<std::string>& values, const std::string& value) {
  if (!parse_outcome(value)) return "running, success, failed, refused, timeout, cancelled or lost";
  values.push_back(value);
  return std::nullopt;
}

std::optional<std::string> read_time(std::optional<std::int64_t>& time, const std::string& value,
                                     deadline::WallTime now) {
  if (time) return "it only once";
  time = requestlog::parse_rfc3339(value);
  if (time) return std::nullopt;
  const auto ago = requestlog::parse_duration(value);
  if (!ago) return "a time such as 2026-01-31T12:00:00Z, or how long ago, such as 1h or 7d";
  time = storage::to_microseconds(now) - *ago;
  return std::nullopt;
}

void one_of(requestlog::Statement& statement, std::string_view column,
            const std::vector<std::string>& values) {
  statement.sql(column).sql(" IN (");
  for (std::size_t i = 0; i < values.size(); ++i)
    statement.sql(i ? ", " : "").value(values[i]);
  statement.sql(")");
}

}  // namespace

std::expected<Filter, ParameterError> parse_filter(std::span<const Parameter> parameters,
                                                   deadline::WallTime now,
                                                   std::span<const std::string_view> others) {
  Filter filter;
  for (const auto& [name, value] : parameters) {
    if (std::ranges::find(others, name) != others.end()) continue;
    std::optional<std::string> wanted;
    if (name == "data_source") {
      wanted = read_text(filter.data_sources, value);
    } else if (name == "outcome") {
      wanted = read_outcome(filter.outcomes, value);
    } else if (name == "user") {
      wanted = read_text(filter.users, value);
    } else if (name == "model") {
      wanted = read_text(filter.models, value);
    } else if (name == "request") {
      wanted = read_text(filter.requests, value);
    } else if (name == "from") {
      wanted = read_time(filter.from, value, now);
    } else if (name == "to") {
      wanted = read_time(filter.to, value, now);
    } else {
      std::string names(known);
      for (const auto other : others)
        names.append(", ").append(other);
      return std::unexpected(
          ParameterError{name, value, fmt::format("there is no parameter \"{}\": use {}", name, names)});
    }
    if (wanted)
      return std::unexpected(
          ParameterError{name, value, fmt::format("{} cannot be \"{}\": give {}", name, value, *wanted)});
  }
  if (filter.from && filter.to && *filter.from >= *filter.to)
    return std::unexpected(ParameterError{"from", "", "from is not before to: give a from that is earlier"});
  return filter;
}

void add_filter(requestlog::Statement& statement, const Filter& filter) {
  const auto add = [&](std::string_view column, const std::vector<std::string>& values) {
    if (values.empty()) return;
    statement.sql(" AND ");
    one_of(statement, column, values);
  };
  add("data_source", filter.data_sources);
  add("outcome", filter.outcomes);
  add("user_name", filter.users);
  add("model", filter.models);
  if (!filter.requests.empty()) {
    statement.sql(" AND (");
    one_of(statement, "request_id", filter.requests);
    statement.sql(" OR ");
    one_of(statement, "chat_id", filter.requests);
    statement.sql(")");
  }
  if (filter.from) statement.sql(" AND at >= ").value(*filter.from);
  if (filter.to) statement.sql(" AND at < ").value(*filter.to);
}

}  // namespace punctual::queryaudit
