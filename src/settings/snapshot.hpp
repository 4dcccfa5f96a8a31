// What is in force: the file, what is stored and the environment, laid over each other and compiled.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "config/configuration_error.hpp"
#include "config/environment.hpp"
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
};

using KeyOpener = std::function<config::Secret(std::string_view provider_id, const StoredProvider&)>;

// Everything must be right. Errors of what is stored have the file config::stored_file.
std::expected<std::shared_ptr<const Snapshot>, std::vector<config::ConfigurationError>> compose(
    const Base& base, const Stored& stored, const KeyOpener& open_key);

// As `compose`, but what is stored and no longer fits (the file was changed meanwhile) is left out, and said
// in `left_out`. Fails only for what the file or the environment say.
std::expected<std::shared_ptr<const Snapshot>, std::vector<config::ConfigurationError>> compose_what_fits(
    const Base& base, const Stored& stored, const KeyOpener& open_key, std::vector<std::string>& left_out);

}  // namespace punctual::settings
