#include "settings/vault_opener.hpp"

#include "secrets/master_key.hpp"
#include "telemetry/log.hpp"

namespace punctual::settings {

namespace {

std::expected<secrets::MasterKey, std::string> master_key(const config::Environment& environment,
                                                          const std::filesystem::path& data_folder,
                                                          const secrets::VaultDocument* document) {
  secrets::MasterKeyRequest request;
  request.variables = [&environment](std::string_view name) { return environment.find(name); };
  request.data_folder = data_folder;
  request.vault = document;
  auto key = secrets::find_master_key(request);
  if (!key) return std::unexpected(key.error().message);
  if (key->created) {
    telemetry::log_info("made a master key for the providers' keys: " + key->from +
                        "; keep a copy of it in a safe place");
  }
  return std::move(*key);
}

}  // namespace

VaultOpener vault_opener(const config::Environment& environment, std::filesystem::path data_folder) {
  return [&environment, data_folder = std::move(data_folder)](
             const std::string& text) -> std::expected<secrets::Vault, std::string> {
    const auto document = secrets::VaultDocument::parse(text);
    if (!document) return std::unexpected(document.error().message);
    const auto key = master_key(environment, data_folder, &*document);
    if (!key) return std::unexpected(key.error());
    auto vault = secrets::Vault::open(*document, key->key);
    if (!vault) return std::unexpected(key->from + ": " + vault.error().message);
    return std::move(*vault);
  };
}

std::expected<void, std::string> ensure_vault(storage::Store& store, const config::Environment& environment,
                                              const std::filesystem::path& data_folder, std::int64_t now) {
  auto reader = store.reader();
  if (!reader) return std::unexpected(reader.error().message);
  const auto rows = (*reader)->execute("SELECT id FROM vault");
  if (!rows) return std::unexpected(rows.error().message);
  if (!rows->empty()) return {};
  const auto key = master_key(environment, data_folder, nullptr);
  if (!key) return std::unexpected(key.error());
  const auto vault = secrets::Vault::create(key->key, key->passphrase);
  if (!vault) return std::unexpected(vault.error().message);
  const std::string text = vault->document().text();
  const auto written = store.write([&](storage::Connection& connection) -> storage::Outcome {
    const auto inserted = connection.execute(
        "INSERT INTO vault (id, wrapped, document, created) VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING",
        {storage::Blob(), text, now});
    if (!inserted) return std::unexpected(inserted.error());
    return {};
  });
  if (!written) return std::unexpected(written.error().message);
  return {};
}

}  // namespace punctual::settings
