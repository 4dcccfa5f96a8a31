// The limits that hold for all: read, explained, changed.
//
// Names, ranges and shapes are those of `/api/settings/timeouts`. File and environment may hold values
// outside the ranges; the API takes none.
#pragma once

#include <boost/json.hpp>
#include <span>
#include <string_view>

#include "config/timeouts.hpp"
#include "settings/service.hpp"

namespace punctual::settings {

struct TimeoutSetting {
  std::string_view name;  // "chat_seconds"
  deadline::Limit config::Timeouts::* limit;
  double least = 0;
  double most = 0;
  bool zero_is_none = false;  // 0 takes the limit away
};

std::span<const TimeoutSetting> timeout_settings();

// {"chat_seconds": 900, ...}: every value in force, 0 where there is none.
boost::json::object timeouts_document(const Snapshot& snapshot);

// {"settings": [{"name", "value", "default", "minimum", "maximum", "zero_is_none", "source", "source_name",
// "pinned"}...], "rules": [...], "providers": [...]}: each narrower scope with what it replaces.
boost::json::object effective_timeouts_document(const Snapshot& snapshot);

// `body` names what changes; null takes the stored value away. All of it or nothing.
Result<Service::Published> change_timeouts(Service& service, const Actor& actor,
                                           std::optional<std::int64_t> if_match,
                                           const boost::json::object& body);

// What would be in force with `body`; nothing is changed.
Result<Service::Published> rehearse_timeouts(Service& service, const boost::json::object& body);

// Whole numbers without a point.
boost::json::value seconds_value(const std::optional<deadline::Duration>& duration);
// The members of a scope's own `timeouts`.
boost::json::object overrides_document(const deadline::LimitOverrides& overrides);

}  // namespace punctual::settings
