#include "app/config_import.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>

#include "app/offline.hpp"
#include "base/text.hpp"
#include "settings/timeouts.hpp"

namespace punctual::app {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> old_names = {
    {{"MLX_SERVER_TIMEOUT_CHAT_SECONDS", "chat_seconds"},
     {"MLX_SERVER_TIMEOUT_COMPLETIONS_SECONDS", "completions_seconds"},
     {"MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS", "embeddings_seconds"}}};

int fail(const std::string& message) {
  fmt::print(stderr, "punctual config import: {}\n", message);
  return 1;
}

// The variables themselves would pin what is to be stored.
config::Environment without_old_names(const config::Environment& environment) {
  auto variables = environment.all();
  for (const auto& [variable, name] : old_names)
    variables.erase(std::string(variable));
  return config::Environment(std::move(variables));
}

std::string_view variable_of(const std::vector<ImportedTimeout>& timeouts, std::string_view name) {
  for (const auto& timeout : timeouts) {
    if (timeout.name == name) return timeout.variable;
  }
  return name;
}

int store(const std::vector<ImportedTimeout>& timeouts, const ImportOptions& options,
          const config::Environment& environment) {
  const auto opened = open_offline(
      {"punctual config import", options.config_file, options.data, without_old_names(environment)});
  if (!opened) return 1;
  const deadline::SystemClock clock;
  const auto service = open_settings(*opened, clock);
  if (!service) return fail(service.error());
  boost::json::object body;
  for (const auto& timeout : timeouts)
    body[timeout.name] = timeout.seconds;
  const auto changed = settings::change_timeouts(**service, {"command line", ""}, {}, body);
  if (!changed) {
    const auto& error = changed.error();
    if (error.fields.empty()) return fail(error.message);
    for (const auto& [field, message] : error.fields)
      fail(fmt::format("{} ({}) {}", variable_of(timeouts, field), field, message));
    fmt::print(stderr, "nothing is stored\n");
    return 1;
  }
  for (const auto& timeout : timeouts)
    fmt::print("stored {} = {:g}, from {}\n", timeout.name, timeout.seconds, timeout.variable);
  fmt::print("Unset these variables where the gateway is started: while they are set, they rank above.\n");
  return 0;
}

}  // namespace

std::expected<std::vector<ImportedTimeout>, std::vector<std::string>> old_timeouts(
    const config::Environment& environment) {
  std::vector<ImportedTimeout> timeouts;
  std::vector<std::string> errors;
  for (const auto& [variable, name] : old_names) {
    const std::string* value = environment.find(variable);
    if (!value) continue;
    const auto seconds = base::parse_decimal(base::trimmed(*value));
    if (seconds && *seconds > 0) {
      timeouts.push_back({variable, name, *seconds});
    } else {
      errors.push_back(fmt::format(
          "{} is \"{}\": set it to a number of seconds above 0, such as 900, or unset it", variable, *value));
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return timeouts;
}

std::string timeouts_toml(const std::vector<ImportedTimeout>& timeouts) {
  std::string text = "[timeouts]\n";
  for (const auto& timeout : timeouts)
    text += fmt::format("{} = {}\n", timeout.name, timeout.seconds);
  return text;
}

int import_configuration(const ImportOptions& options, const config::Environment& environment) {
  const auto timeouts = old_timeouts(environment);
  if (!timeouts) {
    for (const auto& error : timeouts.error())
      fail(error);
    return 1;
  }
  if (timeouts->empty()) {
    std::string names;
    for (const auto& [variable, name] : old_names)
      names.append(names.empty() ? "" : ", ").append(variable);
    return fail("nothing to import: none of these variables is set: " + names);
  }
  if (options.store) return store(*timeouts, options, environment);
  fmt::print("{}", timeouts_toml(*timeouts));
  return 0;
}

void add_import_command(CLI::App& config, ImportOptions& options, int& result) {
  auto* command = config.add_subcommand(
      "import", "Print the timeouts of the old server's variables (MLX_SERVER_TIMEOUT_*) as a section");
  auto* stored =
      command->add_flag("--store", options.store, "Store them as settings instead of printing them");
  command->add_option("--config", options.config_file, "Configuration file (TOML)")
      ->type_name("FILE")
      ->needs(stored);
  command->add_option("--data", options.data, "Folder for what the gateway keeps")
      ->type_name("DIR")
      ->needs(stored);
  command->callback(
      [&options, &result] { result = import_configuration(options, config::Environment::of_process()); });
}

}  // namespace punctual::app
