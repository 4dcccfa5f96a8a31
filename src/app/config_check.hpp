// `punctual config check`: the same checks that `serve` makes, without starting anything.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/environment.hpp"
#include "settings/snapshot.hpp"

namespace punctual::app {

// The text of the file ("": none), to be laid under what is stored. Nothing when it cannot be read, which is
// then on standard error. `environment` may hold options of the command line.
std::optional<settings::Base> read_base(const std::string& file, config::Environment environment);

// What file and environment say without what is stored, rules compiled. On failure everything that is wrong
// is on standard error and nullptr is returned.
std::shared_ptr<const config::Configuration> load_startup(const settings::Base& base);

int check_configuration(const std::string& file);

}  // namespace punctual::app
