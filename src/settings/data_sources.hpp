// The data sources: read, created, changed, deleted. Passwords go in and never come out.
//
// Values are judged here; whether the database answers, and what its role may, is for the caller to ask first
// (datasource/execution.hpp). Where a source comes to lead to another server, its stored password must be
// given again, so that no change sends it elsewhere.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "datasource/source.hpp"
#include "settings/service.hpp"

namespace punctual::settings {

struct DataSourceInput {
  datasource::Source source;            // its id and password are not looked at
  std::optional<std::string> password;  // nothing: as it is; empty: none
};

// Everything, for administrators; of the password whether there is one.
boost::json::object data_source_document(const datasource::Source& source);
// What everybody may know of one.
boost::json::object data_source_summary(const datasource::Source& source);
// {"data_sources": [...], "version": ...}, by name.
boost::json::object data_sources_document(const Snapshot& snapshot, bool whole);

// nullptr: there is none.
std::shared_ptr<const datasource::Source> data_source_of_id(const Snapshot& snapshot, std::string_view id);

// As it would be used when it were created, or with an `id` when it replaced that one: the same checks,
// nothing is stored.
Result<datasource::Source> draft_data_source(Service& service, const std::string& id, DataSourceInput input);

// The answer is the id.
Result<std::string> create_data_source(Service& service, const Actor& actor,
                                       std::optional<std::int64_t> if_match, const DataSourceInput& input);
Result<void> replace_data_source(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                                 const std::string& id, const DataSourceInput& input);
Result<void> delete_data_source(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                                const std::string& id);

// For a Snapshot: what is stored as what is used. One that cannot be read is left out, and said in the log.
std::map<std::string, std::shared_ptr<const datasource::Source>, std::less<>> data_sources_of(
    const Stored& stored, const PasswordOpener& open_password);

}  // namespace punctual::settings
