// How the vault of the providers' keys is opened at the start, and again after a rotation elsewhere.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <string>

#include "config/environment.hpp"
#include "secrets/vault.hpp"
#include "storage/store.hpp"

namespace punctual::settings {

// Takes the stored document; the error is one sentence for people, without anything secret.
using VaultOpener = std::function<std::expected<secrets::Vault, std::string>(const std::string& document)>;

// Finds the master key anew at each call. `environment` must outlive it.
VaultOpener vault_opener(const config::Environment& environment, std::filesystem::path data_folder);

// Stores a new vault where there is none yet; of several gateways that start at once, one does.
std::expected<void, std::string> ensure_vault(storage::Store& store, const config::Environment& environment,
                                              const std::filesystem::path& data_folder, std::int64_t now);

}  // namespace punctual::settings
