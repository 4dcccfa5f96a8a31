// The routing rules: read, created, changed, deleted, put in another order, tried with a model's name.
//
// A body has the shape of a table of [[rules]]: priority, match, pattern, targets, timeouts, enabled. The
// lower number wins; a new rule without a priority comes last.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "settings/service.hpp"

namespace punctual::settings {

boost::json::object rule_document(const config::Rule& rule);
// {"rules": [...], "version": ...}, in the order in which they are tried.
boost::json::object rules_document(const Snapshot& snapshot);

Result<std::string> create_rule(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                                boost::json::object body);
Result<void> replace_rule(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                          const std::string& id, boost::json::object body);
Result<void> delete_rule(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                         const std::string& id);

// `ids`: every rule once. Their priorities become 10, 20, 30, ...
Result<void> order_rules(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                         const std::vector<std::string>& ids);

// Where a request for `model` would go, and what each rule before said:
// {"model", "rule": {...} or null, "how", "targets": [{"provider", "model"}], "tried": [{"id", "pattern",
// "enabled", "matches"}]}; without a target "error" says why.
boost::json::object try_model(const Snapshot& snapshot, std::string_view model);

const config::Rule* rule_of_id(const Snapshot& snapshot, std::string_view id);

}  // namespace punctual::settings
