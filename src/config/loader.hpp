// From TOML, what is stored, and environment variables to a Configuration, or to the list of everything that
// is wrong.
//
// Nothing half-configured comes out: unknown keys, wrong types, values out of range and variables that do not
// parse are errors. An environment variable beats what is stored, and that beats the file. Files are read
// only by `load_file` and for `api_key_file`. Relative paths mean the working directory.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"
#include "config/configuration_error.hpp"
#include "config/environment.hpp"
#include "config/overlay.hpp"

namespace punctual::config {

using Loaded = std::expected<std::shared_ptr<const Configuration>, std::vector<ConfigurationError>>;

// `file_name` stands in the errors only. The defaults, with the environment's changes: load("", "", ...).
Loaded load(std::string_view toml_text, std::string_view file_name, const Environment& environment,
            const Overlay& overlay = {});

Loaded load_file(const std::string& path, const Environment& environment);

}  // namespace punctual::config
