// What stands in front of the gateway, as a section of the settings: the stored list takes the place of the
// file's [[front]] as a whole.
#pragma once

#include <boost/json.hpp>

#include "settings/service.hpp"

namespace punctual::settings {

// {"fronts": [{"kind", "name", "idle_seconds", "total_seconds"}], "source", "in_file", "kinds", "version"};
// null seconds: as usual for the kind; 0: none.
boost::json::object fronts_document(const Snapshot& snapshot);

// `body` has "fronts", in the shape of the document, from the outside in; null goes back to the file's.
Result<Service::Published> change_fronts(Service& service, const Actor& actor,
                                         std::optional<std::int64_t> if_match,
                                         const boost::json::object& body);

}  // namespace punctual::settings
