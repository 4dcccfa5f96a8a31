// The limits of a drawn scenario: as settings text, and as the total that must come of it.
#pragma once

#include <optional>
#include <string>

#include "sim/dice.hpp"
#include "sim/scenario.hpp"

namespace punctual::simulation {

// "2.500": exact to the millisecond.
std::string seconds_text(std::uint64_t milliseconds);

// Totals of the endpoints as set in the file; none: the default.
struct DrawnSettings {
  std::string text;
  std::optional<std::uint64_t> chat_ms, completions_ms, embeddings_ms;
};

DrawnSettings draw_settings(Dice& dice);

// Timeouts of a rule: "idle_seconds = 3, total_seconds = 9". `total_ms` is set if it has a total.
std::string draw_rule_timeouts(Dice& dice, std::optional<std::uint64_t>& total_ms);

// Lets the request say something of its time, and notes the total that is in force then.
void draw_request_limits(Dice& dice, const DrawnSettings& settings,
                         std::optional<std::uint64_t> rule_total_ms, PlannedRequest& request);

}  // namespace punctual::simulation
