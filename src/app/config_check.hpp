// `punctual config check`: the same checks that `serve` makes, without starting anything.
#pragma once

#include <memory>
#include <string>

#include "config/environment.hpp"
#include "gateway/core.hpp"

namespace punctual::app {

// Reads the file ("": the defaults) and the environment, compiles the rules. On failure everything that is
// wrong is on standard error and nullptr is returned. `environment` may hold options of the command line.
std::shared_ptr<const gateway::Settings> load_settings(const std::string& file,
                                                       const config::Environment& environment);

int check_configuration(const std::string& file);

}  // namespace punctual::app
