// The sections that are a handful of values: the model pool, the request log.
#pragma once

#include <boost/json.hpp>

#include "settings/service.hpp"

namespace punctual::settings {

// How long what is kept of requests, and whether their texts are.
struct LogSettings {
  std::int64_t retention_days = 30;                      // 1 to 3650
  std::int64_t retention_bytes = std::int64_t{4} << 30;  // at least 1 MiB
  bool contents = false;                                 // prompts and answers, redacted
  std::int64_t contents_days = 7;                        // 1 to 365
};

LogSettings log_settings(const Snapshot& snapshot);

// {"memory_limit", "idle_unload_seconds", "minimum_resident_seconds", "commands_by_api", "version"}
boost::json::object pool_document(const Snapshot& snapshot);
// {"retention_days", "retention_bytes", "contents", "contents_days"}
boost::json::object logs_document(const Snapshot& snapshot);

// `body` names what changes; null goes back to what the file says, or the default.
Result<Service::Published> change_pool(Service& service, const Actor& actor,
                                       std::optional<std::int64_t> if_match, const boost::json::object& body);
Result<Service::Published> change_logs(Service& service, const Actor& actor,
                                       std::optional<std::int64_t> if_match, const boost::json::object& body);

}  // namespace punctual::settings
