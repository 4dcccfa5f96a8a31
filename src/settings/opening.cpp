#include "settings/opening.hpp"

#include "settings/vault_opener.hpp"

namespace punctual::settings {

std::expected<std::unique_ptr<Service>, std::string> open_with_vault(
    storage::Store& store, const deadline::Clock& clock, const Base& base,
    const std::filesystem::path& data_folder) {
  const auto now = storage::to_microseconds(clock.wall_now());
  if (auto vault = ensure_vault(store, base.environment, data_folder, now); !vault)
    return std::unexpected(std::move(vault.error()));
  return Service::open({.store = store,
                        .clock = clock,
                        .base = base,
                        .open_vault = vault_opener(base.environment, data_folder)});
}

}  // namespace punctual::settings
