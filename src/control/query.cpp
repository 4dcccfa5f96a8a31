#include "control/query.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace punctual::control {

using requestlog::ParameterError;

std::expected<Query, ParameterError> Query::parse(const Context& context,
                                                  std::span<const std::string_view> own) {
  Query query;
  auto parameters = requestlog::parse_query(context.request.query);
  if (!parameters) return std::unexpected(std::move(parameters.error()));
  query.parameters_ = std::move(*parameters);
  auto filter = requestlog::parse_filter(query.parameters_, context.services.clock.wall_now(), own);
  if (!filter) return std::unexpected(std::move(filter.error()));
  query.filter_ = std::move(*filter);
  return query;
}

std::optional<std::string> Query::value(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& parameter : parameters_) {
    if (parameter.name == name) found = parameter.value;
  }
  return found;
}

std::expected<std::int64_t, ParameterError> Query::number(std::string_view name, std::int64_t otherwise,
                                                          std::int64_t least, std::int64_t most) const {
  const auto text = value(name);
  if (!text) return otherwise;
  const auto number = base::parse_unsigned(*text);
  if (number && *number >= static_cast<std::uint64_t>(least) && *number <= static_cast<std::uint64_t>(most))
    return static_cast<std::int64_t>(*number);
  return std::unexpected(ParameterError{
      std::string(name), *text,
      fmt::format("{} is \"{}\": give a whole number from {} to {}.", name, *text, least, most)});
}

}  // namespace punctual::control
