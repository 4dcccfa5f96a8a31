// The targets' numbers for Prometheus, added up per provider: operators choose providers' names, clients
// choose models'. Any thread.
#pragma once

#include <string>

#include "deadline/clock.hpp"
#include "targets/book.hpp"

namespace punctual::targets {

// Text format, version 0.0.4.
std::string prometheus_text(const Book& book, deadline::Instant now);

}  // namespace punctual::targets
