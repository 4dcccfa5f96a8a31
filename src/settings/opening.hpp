// The settings of a gateway, opened with the vault of its providers' keys.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "settings/service.hpp"

namespace punctual::settings {

// Makes the vault where there is none yet. All arguments must outlive the service. The error is one sentence
// a line, without anything secret.
std::expected<std::unique_ptr<Service>, std::string> open_with_vault(
    storage::Store& store, const deadline::Clock& clock, const Base& base,
    const std::filesystem::path& data_folder);

}  // namespace punctual::settings
