// Where the master key is from. The first that is there counts: PUNCTUAL_MASTER_KEY (hex or base64),
// PUNCTUAL_MASTER_PASSPHRASE (Argon2id), PUNCTUAL_MASTER_KEY_FILE, `master.key` in the data folder.
//
// Variables are handed in. A new file is made only for an empty vault and only when nothing was named; a key
// that others can read is refused. Reads and writes files, and takes half a second for a passphrase: at
// start.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "secrets/document.hpp"
#include "secrets/error.hpp"
#include "secrets/key.hpp"

namespace punctual::secrets {

// nullptr when it is not set.
using Variables = std::function<const std::string*(std::string_view name)>;

struct MasterKeyRequest {
  Variables variables;
  std::filesystem::path data_folder;
  const VaultDocument* vault = nullptr;  // nullptr: nothing was ever sealed
  Cost new_passphrase_cost = passphrase_cost;
};

struct MasterKey {
  Key key;
  std::string from;                                // "variable PUNCTUAL_MASTER_KEY", "file PATH"
  bool created = false;                            // its file was made just now: keep a copy of it
  std::optional<PassphraseParameters> passphrase;  // for Vault::create
};

std::expected<MasterKey, Error> find_master_key(const MasterKeyRequest& request);

}  // namespace punctual::secrets
