#include "config/seconds.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace punctual::config {

using deadline::Phase;

namespace {

struct Override {
  std::string_view name;
  Phase phase;
  Zero zero;
};

constexpr std::array<Override, 8> all_overrides = {{
    {"total_seconds", Phase::total, Zero::refused},
    {"queue_seconds", Phase::queue, Zero::is_none},
    {"load_seconds", Phase::load, Zero::is_none},
    {"connect_seconds", Phase::connect, Zero::refused},
    {"first_token_seconds", Phase::first_token, Zero::is_none},
    {"idle_seconds", Phase::idle, Zero::is_none},
    {"attempt_seconds", Phase::attempt, Zero::is_none},
    {"drain_seconds", Phase::drain, Zero::is_none},
}};

}  // namespace

std::optional<deadline::Limit> limit_from(LoadContext& context, const Found<double>& found, Zero zero) {
  const double seconds = found.value;
  if (!std::isfinite(seconds) || seconds < 0) {
    context.report(found.place, seconds < 0 ? "is negative: write a number of seconds, such as 30 or 0.5"
                                            : "is not finite: write a number of seconds, such as 30 or 0.5");
    return std::nullopt;
  }
  const deadline::Source source{found.place.kind, context.keep(found.place.key)};
  if (seconds > 0) {
    // A positive limit never becomes none or zero, however small it is.
    return deadline::Limit{std::max(deadline::from_seconds(seconds), deadline::Duration(1)), source};
  }
  if (zero == Zero::is_none) return deadline::Limit{std::nullopt, source};
  context.report(found.place, "is 0, and there must be a limit here: write a number of seconds above 0");
  return std::nullopt;
}

deadline::LimitOverrides read_overrides(TableReader& reader, deadline::SourceKind kind,
                                        std::string_view owner) {
  deadline::LimitOverrides overrides;
  TableReader table = reader.table("timeouts");
  for (const Override& entry : all_overrides) {
    const auto seconds = table.read<double>(entry.name);
    if (!seconds) continue;
    auto limit = limit_from(reader.context(), *seconds, entry.zero);
    if (!limit) continue;
    limit->source = {kind, reader.context().keep(std::string(owner) + ": " + std::string(entry.name))};
    overrides.set(entry.phase, *limit);
  }
  table.finish();
  return overrides;
}

}  // namespace punctual::config
