// The limits of the chat page, as a section of the settings.
//
// Whether their order is right is for `chain/` to say, and for whoever stores them to ask.
#pragma once

#include <boost/json.hpp>

#include "settings/service.hpp"

namespace punctual::settings {

// {"model_call_seconds", "browser_seconds", "request_seconds", "rounds_max", "values": {each: {"source",
// "source_name", "default", "minimum", "maximum", "pinned"}}, "version"}
boost::json::object chat_document(const Snapshot& snapshot);

// `body` names what changes; null takes the stored value away. All of it or nothing.
Result<Service::Published> change_chat(Service& service, const Actor& actor,
                                       std::optional<std::int64_t> if_match, const boost::json::object& body);

// What would be in force with `body`; nothing is changed.
Result<Service::Published> rehearse_chat(Service& service, const boost::json::object& body);

}  // namespace punctual::settings
