// The answer for a model that leads nowhere: what was asked for, and what there is.
#pragma once

#include <string>
#include <string_view>

#include "config/configuration.hpp"

namespace punctual::routing {

struct NotFound {
  std::string text;  // for people; bounded, and valid UTF-8 where `model` is
};

NotFound not_found(std::string_view model, const config::Configuration& configuration);

}  // namespace punctual::routing
