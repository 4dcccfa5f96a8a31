// What an operator does by hand, without changing a setting, is remembered in the log of changes too.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>

#include "control/context.hpp"

namespace punctual::control {

struct ByHand {
  std::string action;   // "hold", "load"
  std::string subject;  // "target:openai/gpt-4o", "model:qwen3-8b"
  std::optional<boost::json::object> before = {};
  std::optional<boost::json::object> after = {};
};

// A database that is away does not keep an operator from it: that it could not be noted is in the log then.
void note_by_hand(const Context& context, const ByHand& done);

}  // namespace punctual::control
