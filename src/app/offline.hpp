// For commands that work on the database of a gateway, whether it runs or not: one that runs takes over what
// is changed within a second or two.
//
// What cannot be opened is said on standard error, and nothing is returned.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"
#include "settings/service.hpp"
#include "storage/store.hpp"

namespace punctual::app {

struct Offline {
  settings::Base base;
  std::shared_ptr<const config::Configuration> startup;
  std::unique_ptr<storage::Store> store;
};

struct OfflineOptions {
  std::string_view command;  // for messages: "punctual keys"
  std::string config_file;   // "": none
  std::string data;          // "": as file and environment say
  config::Environment environment;
};

// The database that a gateway with these options would use.
std::optional<Offline> open_offline(OfflineOptions options);

// The settings in it, with the vault, which is made if there is none. `offline` and `clock` must outlive
// them.
std::expected<std::unique_ptr<settings::Service>, std::string> open_settings(const Offline& offline,
                                                                             const deadline::Clock& clock);

}  // namespace punctual::app
