#include "app/offline.hpp"

#include <fmt/core.h>

#include <cstdio>

#include "app/config_check.hpp"
#include "settings/opening.hpp"

namespace punctual::app {

std::optional<Offline> open_offline(OfflineOptions options) {
  if (!options.data.empty()) options.environment.set("PUNCTUAL_SERVER_DATA", options.data);
  auto base = read_base(options.config_file, std::move(options.environment));
  if (!base) return std::nullopt;
  auto startup = load_startup(*base);
  if (!startup) return std::nullopt;
  auto store = storage::Store::open({.location = startup->server.storage, .data = startup->server.data});
  if (!store) {
    fmt::print(stderr, "{}: {}\n", options.command, store.error().message);
    return std::nullopt;
  }
  return Offline{std::move(*base), std::move(startup), std::move(*store)};
}

std::expected<std::unique_ptr<settings::Service>, std::string> open_settings(const Offline& offline,
                                                                             const deadline::Clock& clock) {
  return settings::open_with_vault(*offline.store, clock, offline.base, offline.startup->server.data);
}

}  // namespace punctual::app
