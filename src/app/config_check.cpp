#include "app/config_check.hpp"

#include <fmt/core.h>

#include <cstdio>

#include "config/bounds.hpp"
#include "config/text_file.hpp"

namespace punctual::app {

std::optional<settings::Base> read_base(const std::string& file, config::Environment environment) {
  if (file.empty()) return settings::Base{"", "", std::move(environment)};
  auto text = config::read_text_file(file, config::file_bytes_max, config::Privacy::any);
  if (text) return settings::Base{std::move(*text), file, std::move(environment)};
  fmt::print(stderr, "{}\n", config::ConfigurationError{file, 0, {}, text.error()}.text());
  return std::nullopt;
}

std::shared_ptr<const config::Configuration> load_startup(const settings::Base& base) {
  const auto composed =
      settings::compose(base, {}, {[](std::string_view, const auto&) { return config::Secret(); }});
  if (composed) return (*composed)->configuration;
  for (const auto& error : composed.error())
    fmt::print(stderr, "{}\n", error.text());
  return nullptr;
}

int check_configuration(const std::string& file) {
  const auto base = read_base(file, config::Environment::of_process());
  const auto startup = base ? load_startup(*base) : nullptr;
  if (!startup) return 1;
  const auto& configuration = *startup;
  for (const auto& notice : configuration.notices)
    fmt::print("note: {}\n", notice);
  fmt::print("{} is good: {} providers, {} rules, {} local models\n", file,
             configuration.providers.size() - 1, configuration.rules.size(), configuration.models.size());
  return 0;
}

}  // namespace punctual::app
