// The limits of the built-in chat page: how long one call of the model may take, how long the page waits, how
// long the whole request may take, and how many calls it may be made of.
//
// Each has to be shorter than the one around it, or the wrong layer gives up first; `chain/` says so.
#pragma once

#include <chrono>
#include <cstdint>

#include "deadline/limits.hpp"

namespace punctual::config {

struct Chat {
  deadline::Limit model_call{std::chrono::seconds(120)};
  deadline::Limit browser{std::chrono::seconds(180)};  // kept by the page, not by us
  deadline::Limit request{std::chrono::seconds(300)};
  std::uint32_t rounds_max = 8;  // calls of the model in one request
  deadline::Source rounds_source = {};
};

inline constexpr std::uint32_t chat_rounds_most = 64;

}  // namespace punctual::config
