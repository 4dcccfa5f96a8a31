#include "requestlog/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "deadline/phase.hpp"
#include "requestlog/times.hpp"
#include "storage/store.hpp"
#include "telemetry/metrics.hpp"

namespace punctual::requestlog {

namespace {

using Result = std::expected<void, std::string>;  // the error: what would be right

std::string outcome_names() {
  std::string names;
  for (std::size_t i = 0; i < telemetry::outcome_count; ++i)
    names.append(i ? ", " : "").append(telemetry::name_of(static_cast<telemetry::Outcome>(i)));
  return names;
}

Result read_outcome(Filter& filter, const std::string& value) {
  for (std::size_t i = 0; i < telemetry::outcome_count; ++i) {
    if (value != telemetry::name_of(static_cast<telemetry::Outcome>(i))) continue;
    filter.outcomes.push_back(value);
    return {};
  }
  return std::unexpected("one of " + outcome_names());
}

Result read_limit(Filter& filter, const std::string& value) {
  if (value == "none") {
    filter.limits.emplace_back();
    return {};
  }
  if (deadline::phase_named(value)) {
    filter.limits.push_back(value);
    return {};
  }
  std::string names = "one of none";
  for (const auto phase : deadline::all_phases)
    names.append(", ").append(deadline::name_of(phase));
  return std::unexpected(std::move(names));
}

Result read_status(Filter& filter, const std::string& value) {
  if (value.size() == 3 && value[0] >= '1' && value[0] <= '5' && value.ends_with("xx")) {
    const std::int64_t first = std::int64_t{value[0] - '0'} * 100;
    filter.statuses.push_back({first, first + 99});
    return {};
  }
  const auto number = base::parse_unsigned(value);
  if (!number || (*number != 0 && (*number < 100 || *number > 599)))
    return std::unexpected("a status such as 503, a class such as 5xx, or 0 for requests without an answer");
  filter.statuses.push_back({static_cast<std::int64_t>(*number), static_cast<std::int64_t>(*number)});
  return {};
}

Result read_text(std::vector<std::string>& values, const std::string& value) {
  if (value.empty()) return std::unexpected("a text that is not empty; leave the parameter out for all");
  values.push_back(value);
  return {};
}

Result read_time(std::optional<std::int64_t>& time, const std::string& value, deadline::WallTime now) {
  if (time) return std::unexpected("it only once");
  time = parse_rfc3339(value);
  if (time) return {};
  const auto ago = parse_duration(value);
  if (!ago) return std::unexpected("a time such as 2026-01-31T12:00:00Z, or how long ago, such as 1h or 7d");
  time = storage::to_microseconds(now) - *ago;
  return {};
}

Result read_duration(std::optional<std::int64_t>& duration, const std::string& value) {
  if (duration) return std::unexpected("it only once");
  duration = parse_duration(value);
  if (!duration) return std::unexpected("seconds such as 2.5, or a duration such as 500ms");
  return {};
}

constexpr std::string_view known =
    "model, endpoint, provider, rule, status, outcome, limit, key, from, to, slower_than, faster_than, q";

// False: there is no such parameter.
std::expected<bool, std::string> read(Filter& filter, const Parameter& parameter, deadline::WallTime now) {
  const auto& [name, value] = parameter;
  Result result;
  if (name == "model")
    result = read_text(filter.models, value);
  else if (name == "endpoint")
    result = read_text(filter.endpoints, value);
  else if (name == "provider")
    result = read_text(filter.providers, value);
  else if (name == "rule")
    result = read_text(filter.rules, value);
  else if (name == "status")
    result = read_status(filter, value);
  else if (name == "outcome")
    result = read_outcome(filter, value);
  else if (name == "limit")
    result = read_limit(filter, value);
  else if (name == "key")
    result = read_text(filter.keys, value);
  else if (name == "from")
    result = read_time(filter.from, value, now);
  else if (name == "to")
    result = read_time(filter.to, value, now);
  else if (name == "slower_than")
    result = read_duration(filter.slower_than_us, value);
  else if (name == "faster_than")
    result = read_duration(filter.faster_than_us, value);
  else if (name == "q")
    result = read_text(filter.searches, value);
  else
    return false;
  if (!result) return std::unexpected(std::move(result.error()));
  return true;
}

}  // namespace

Filter Filter::without(Dimension dimension) const {
  Filter filter = *this;
  switch (dimension) {
    case Dimension::model:
      filter.models.clear();
      break;
    case Dimension::endpoint:
      filter.endpoints.clear();
      break;
    case Dimension::provider:
      filter.providers.clear();
      break;
    case Dimension::outcome:
      filter.outcomes.clear();
      break;
    case Dimension::limit:
      filter.limits.clear();
      break;
    case Dimension::status:
      filter.statuses.clear();
      break;
  }
  return filter;
}

std::expected<Filter, ParameterError> parse_filter(std::span<const Parameter> parameters,
                                                   deadline::WallTime now,
                                                   std::span<const std::string_view> others) {
  Filter filter;
  const Parameter* from = nullptr;
  for (const auto& parameter : parameters) {
    if (std::ranges::find(others, parameter.name) != others.end()) continue;
    if (parameter.name == "from") from = &parameter;
    const auto taken = read(filter, parameter, now);
    if (!taken)
      return std::unexpected(ParameterError{
          parameter.name, parameter.value,
          fmt::format("{} cannot be \"{}\": give {}", parameter.name, parameter.value, taken.error())});
    if (!*taken) {
      std::string names(known);
      for (const auto other : others)
        names.append(", ").append(other);
      return std::unexpected(
          ParameterError{parameter.name, parameter.value,
                         fmt::format("there is no parameter \"{}\": use {}", parameter.name, names)});
    }
  }
  if (from != nullptr && filter.from && filter.to && *filter.from >= *filter.to)
    return std::unexpected(
        ParameterError{"from", from->value, "from is not before to: give a from that is earlier"});
  return filter;
}

}  // namespace punctual::requestlog
