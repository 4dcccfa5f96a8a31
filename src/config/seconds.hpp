// Durations as settings write them: seconds, decimals allowed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/load_context.hpp"
#include "config/table_reader.hpp"
#include "deadline/limits.hpp"

namespace punctual::config {

enum class Zero : std::uint8_t {
  is_none,  // 0 means that there is no limit
  refused,  // 0 is an error, as no limit would be a request without end
};

// Reports what is negative, infinite, not a number, or a zero that is refused. The source of the limit is
// where `found` stands.
std::optional<deadline::Limit> limit_from(LoadContext& context, const Found<double>& found, Zero zero);

// The table `timeouts` of a rule, a provider or a local model; "connect_seconds" and so on. The sources are
// of `kind`, named "<owner>: connect_seconds".
deadline::LimitOverrides read_overrides(TableReader& reader, deadline::SourceKind kind,
                                        std::string_view owner);

}  // namespace punctual::config
