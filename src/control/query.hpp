// The query of a request: a filter of the log, and the parameters that belong to the route. Read strictly.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/context.hpp"
#include "requestlog/filter.hpp"

namespace punctual::control {

class Query {
 public:
  // `own`: the names that are not the filter's.
  static std::expected<Query, requestlog::ParameterError> parse(const Context& context,
                                                                std::span<const std::string_view> own);
  static std::expected<Query, requestlog::ParameterError> parse(const Context& context,
                                                                std::initializer_list<std::string_view> own) {
    return parse(context, std::span<const std::string_view>(own.begin(), own.size()));
  }

  const requestlog::Filter& filter() const { return filter_; }
  // The last of that name.
  std::optional<std::string> value(std::string_view name) const;
  std::expected<std::int64_t, requestlog::ParameterError> number(std::string_view name,
                                                                 std::int64_t otherwise, std::int64_t least,
                                                                 std::int64_t most) const;

 private:
  std::vector<requestlog::Parameter> parameters_;
  requestlog::Filter filter_;
};

}  // namespace punctual::control
