// What bounds one chat: as the settings say, shortened by what the request wishes.
//
// The sources' names point into the configuration or are static.
#pragma once

#include <cstdint>
#include <optional>

#include "config/chat.hpp"
#include "deadline/limits.hpp"

namespace punctual::chat {

// Of a request; they only shorten.
struct Wishes {
  std::optional<double> model_call_seconds;
  std::optional<double> request_seconds;
  std::optional<std::uint32_t> rounds_max;
};

struct Limits {
  deadline::Duration model_call{};
  deadline::Source model_call_source;
  deadline::Duration browser{};  // kept by the page
  deadline::Duration request{};
  deadline::Source request_source;
  std::uint32_t rounds_max = 0;  // calls of the model
  deadline::Source rounds_source;
};

Limits limits_of(const config::Chat& chat, const Wishes& wishes);

}  // namespace punctual::chat
