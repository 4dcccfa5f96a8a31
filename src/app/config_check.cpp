#include "app/config_check.hpp"

#include <fmt/core.h>

#include <cstdio>

#include "config/loader.hpp"

namespace punctual::app {

std::shared_ptr<const gateway::Settings> load_settings(const std::string& file,
                                                       const config::Environment& environment) {
  auto loaded = file.empty() ? config::load("", "", environment) : config::load_file(file, environment);
  if (!loaded) {
    for (const auto& error : loaded.error())
      fmt::print(stderr, "{}\n", error.text());
    return nullptr;
  }
  auto router = routing::Router::build(*loaded);
  if (!router) {
    for (const auto& error : router.error())
      fmt::print(stderr, "{}: {}\n", file, error);
    return nullptr;
  }
  return std::make_shared<const gateway::Settings>(gateway::Settings{*loaded, std::move(*router)});
}

int check_configuration(const std::string& file) {
  const auto settings = load_settings(file, config::Environment::of_process());
  if (!settings) return 1;
  const auto& configuration = *settings->configuration;
  for (const auto& notice : configuration.notices)
    fmt::print("note: {}\n", notice);
  fmt::print("{} is good: {} providers, {} rules, {} local models\n", file,
             configuration.providers.size() - 1, configuration.rules.size(), configuration.models.size());
  return 0;
}

}  // namespace punctual::app
