// The local models: read, created, changed, deleted, pinned.
//
// A body has the shape of a table of [[models]]. One of the file that is replaced is from then on stored; its
// pin alone is stored beside it, so that the rest goes on to be the file's. What says which program runs and
// with which arguments (`command`, `arguments`, engine "command", a `url` that is no loopback address) comes
// only from who may start programs here anyway: the file, the command line, or the API where
// pool.commands_by_api allows it. Files are looked at when they are given.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "settings/service.hpp"

namespace punctual::settings {

// Who gives a model.
enum class GivenBy : std::uint8_t { api, command_line };

boost::json::object model_document(const config::LocalModel& model);
// {"models": [...], "engines": [...], "commands_by_api", "version"}
boost::json::object models_document(const Snapshot& snapshot);

// The answer is the id.
Result<std::string> create_model(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                                 boost::json::object body, GivenBy by);
// The whole model; `name` stays.
Result<void> replace_model(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                           const std::string& id, boost::json::object body);
// One that stood in the place of the file's gives it its place back. Refused while rules lead to it.
Result<void> delete_model(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                          const std::string& id);
Result<void> pin_model(Service& service, const Actor& actor, const std::string& name, bool pinned);

// As it would be after create_model, or with the `id` of a model in the body after replace_model: the same
// checks, nothing is stored.
Result<std::shared_ptr<const config::LocalModel>> draft_model(Service& service, boost::json::object body,
                                                              GivenBy by);

const config::LocalModel* model_of_id(const Snapshot& snapshot, std::string_view id);

}  // namespace punctual::settings
