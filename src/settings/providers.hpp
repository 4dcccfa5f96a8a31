// The cloud providers: read, created, changed, deleted. Keys go in and never come out.
//
// A body has the shape of a table of [[providers]]: name, preset, kind, base_url, auth, ca_file,
// headers, timeouts, in_flight_max, waiting_max, own_limit_seconds; and `api_key`, which is sealed (null
// takes it away, absent leaves it). Where a provider's address comes to lead to another host, its stored key
// must be given again, so that no change sends a key elsewhere.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "settings/service.hpp"

namespace punctual::settings {

boost::json::object provider_document(const Snapshot& snapshot, const config::Provider& provider);
// {"providers": [...], "version": ...}
boost::json::object providers_document(const Snapshot& snapshot);
// {"presets": [...]}: what is known of servers by name (config/presets.hpp).
boost::json::object presets_document();

// The answer is the id.
Result<std::string> create_provider(Service& service, const Actor& actor,
                                    std::optional<std::int64_t> if_match, boost::json::object body);
// The whole provider; one of the file is from then on stored. `name` stays.
Result<void> replace_provider(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                              const std::string& id, boost::json::object body);
// One that stood in the place of the file's gives it its place back. Refused while rules lead to it.
Result<void> delete_provider(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                             const std::string& id);

// As it would be after create_provider, or with the `id` of a provider in the body after replace_provider:
// the same checks, nothing is stored. The answer's `id` is that of the provider in its snapshot.
struct Draft {
  std::shared_ptr<const Snapshot> snapshot;
  std::string id;
};
Result<Draft> draft_provider(Service& service, boost::json::object body);

const config::Provider* provider_of_id(const Snapshot& snapshot, std::string_view id);

}  // namespace punctual::settings
