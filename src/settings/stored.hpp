// All that is stored of the settings, as one plain value, and its way to the database and back.
//
// Documents are JSON texts in the shape of the configuration file; keys are sealed. `read` gives one
// consistent state; `write_difference` belongs inside a job of the store, with the state it began from.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <string>

#include "config/overlay.hpp"
#include "settings/error.hpp"
#include "storage/connection.hpp"

namespace punctual::settings {

struct StoredProvider {
  std::string name;
  std::string document;
  std::string key_sealed;  // bytes; empty: none
  std::int64_t key_version = 0;
  std::string key_hint;  // the last characters, for people

  bool operator==(const StoredProvider&) const = default;
};

struct StoredModel {
  std::string name;
  std::string document;

  bool operator==(const StoredModel&) const = default;
};

struct StoredRule {
  std::int64_t priority = 0;
  std::string document;

  bool operator==(const StoredRule&) const = default;
};

struct StoredDataSource {
  std::string name;
  std::string document;         // JSON, without the password
  std::string password_sealed;  // bytes; empty: none
  std::int64_t password_version = 0;

  bool operator==(const StoredDataSource&) const = default;
};

// What has a version of its own, for ETag and If-Match.
enum class Section : std::uint8_t {
  timeouts,
  pool,
  providers,
  rules,
  logs,
  fronts,
  datasources,
  chat,
  models
};
inline constexpr std::size_t section_count = 9;
std::string_view name_of(Section section);

// The values of Section::models: after this, the name of a model that only the file has; true or false.
inline constexpr std::string_view pin_prefix = "pin:";

struct Stored {
  std::int64_t version = 0;  // counts every change
  std::map<Section, std::int64_t> section_versions;
  std::map<Section, std::map<std::string, std::string>> values;  // the others: name to JSON
  std::map<std::string, StoredProvider> providers;               // by id
  std::map<std::string, StoredRule> rules;                       // by id
  std::map<std::string, StoredDataSource> data_sources;          // by id
  std::string query_key_sealed;                                  // of the chain of queries; empty: none yet
  std::map<std::string, StoredModel> models;                     // by id
  std::string vault;                                             // its document; empty: there is none yet

  std::int64_t version_of(Section section) const;
};

// What `body` names is stored, what it has as null no longer.
void store_values(Stored& stored, Section section, const boost::json::object& body);

std::expected<Stored, storage::Error> read(storage::Connection& connection);

// Writes what differs, with `after.version` one above `before.version`. False when the database has another
// version than `before`: nothing is written then.
std::expected<bool, storage::Error> write_difference(storage::Connection& connection, const Stored& before,
                                                     const Stored& after, std::int64_t now,
                                                     const std::string& actor);

// Without the keys; those are asked for one by one.
config::Overlay overlay_of(const Stored& stored);

}  // namespace punctual::settings
