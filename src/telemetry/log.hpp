// The process's own log, on standard error: what an operator must know. Requests are not in it (audit/ has
// them), and neither is anything secret. Any thread.
#pragma once

#include <string_view>

namespace punctual::telemetry {

// One of: trace debug info warning error off.
void set_log_level(std::string_view level);

void log_info(std::string_view message);
void log_warning(std::string_view message);
void log_error(std::string_view message);

}  // namespace punctual::telemetry
