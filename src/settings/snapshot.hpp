// What is in force: the file, what is stored and the environment, laid over each other and compiled.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "config/configuration_error.hpp"
#include "config/environment.hpp"
#include "datasource/source.hpp"
#include "routing/router.hpp"
#include "settings/stored.hpp"

namespace punctual::settings {

// What the process was started with; the stored settings lie between the two.
struct Base {
  std::string toml_text;
  std::string file_name;
  config::Environment environment;
};

// Immutable; any thread.
struct Snapshot {
  Stored stored;
  std::shared_ptr<const config::Configuration> configuration;
  routing::Router router;
  std::map<std::string, std::shared_ptr<const datasource::Source>, std::less<>> data_sources;  // by id
};

using KeyOpener = std::function<config::Secret(std::string_view provider_id, const StoredProvider&)>;
// The error is for whoever wants to use the source; it stands in nothing else's way.
using PasswordOpener =
    std::function<std::expected<config::Secret, std::string>(std::string_view id, const StoredDataSource&)>;
struct Openers {
  KeyOpener provider_key;
  PasswordOpener password = {};  // none: passwords stay closed
};

// Everything must be right. Errors of what is stored have the file config::stored_file.
std::expected<std::shared_ptr<const Snapshot>, std::vector<config::ConfigurationError>> compose(
    const Base& base, const Stored& stored, const Openers& openers);

// As `compose`, but what is stored and no longer fits (the file was changed meanwhile) is left out, and said
// in `left_out`. Fails only for what the file or the environment say.
std::expected<std::shared_ptr<const Snapshot>, std::vector<config::ConfigurationError>> compose_what_fits(
    const Base& base, const Stored& stored, const Openers& openers, std::vector<std::string>& left_out);

}  // namespace punctual::settings
