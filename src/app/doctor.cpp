#include "app/doctor.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>

#include "app/config_check.hpp"
#include "app/offline.hpp"
#include "chain/chain.hpp"
#include "chain/chat_page.hpp"
#include "control/observed.hpp"

namespace punctual::app {

namespace {

std::string limit_text(const chain::Layer& layer) {
  if (!layer.seconds) return "none";
  return fmt::format("{:g} s{}", *layer.seconds, layer.counts == chain::Counts::restarts ? ", restarts" : "");
}

std::string source_text(const chain::Layer& layer) {
  if (layer.known == chain::Known::set) return layer.source;
  if (!layer.evidence.empty()) return fmt::format("{}: {}", chain::name_of(layer.known), layer.evidence);
  return fmt::format("{} ({})", layer.source.empty() ? "fixed there" : layer.source,
                     chain::name_of(layer.known));
}

// True when nothing is broken.
bool print_chain(const chain::Chain& chain, std::string_view of) {
  fmt::print("{}, {}{}\n", config::name_of(chain.endpoint), chain.stream ? "streamed" : "in one piece", of);
  for (const auto& layer : chain.layers) {
    const bool first = layer.id == chain.silent.layer;
    fmt::print("  {} {:<32} {:<18} {}\n", first ? ">" : " ", layer.name, limit_text(layer),
               source_text(layer));
  }
  bool good = true;
  for (const auto& finding : chain.findings) {
    fmt::print("  {}: {}\n", chain::name_of(finding.severity), finding.text);
    if (!finding.suggestion.empty()) fmt::print("    {}\n", finding.suggestion);
    good = good && finding.severity != chain::Severity::broken;
  }
  return good;
}

// What a running gateway would have in force: what is stored lies over the file, and what it has recorded of
// its clients, if there is a database.
struct Examined {
  std::shared_ptr<const config::Configuration> configuration;
  chain::Observed observed;
};

std::optional<Examined> settings_of(const DoctorOptions& options) {
  auto environment = config::Environment::of_process();
  if (!options.data.empty()) environment.set("PUNCTUAL_SERVER_DATA", options.data);
  const auto base = read_base(options.config_file, environment);
  auto startup = base ? load_startup(*base) : nullptr;
  if (!startup) return std::nullopt;
  const bool in_memory_only =
      startup->server.storage == "sqlite" &&
      !std::filesystem::exists(std::filesystem::path(startup->server.data) / "punctual.db");
  if (in_memory_only) return Examined{startup, {}};
  const auto offline =
      open_offline({"punctual doctor", options.config_file, options.data, std::move(environment)});
  if (!offline) return std::nullopt;
  const deadline::SystemClock clock;
  const auto settings = open_settings(*offline, clock);
  if (!settings) {
    fmt::print(stderr, "punctual doctor: {}\n", settings.error());
    return std::nullopt;
  }
  Examined examined{(*settings)->current()->configuration, {}};
  const auto reader = offline->store->reader();
  if (reader)
    examined.observed = control::read_observed(**reader, clock);
  else
    examined.observed.trouble = reader.error().message;
  return examined;
}

}  // namespace

int examine(const DoctorOptions& options) {
  const auto examined = settings_of(options);
  if (!examined) return 1;
  const auto& [configuration, observed] = *examined;
  if (configuration->fronts.empty()) {
    fmt::print(
        "Nothing is declared to stand in front of the gateway. If something does, say so with "
        "[[front]] or on the page Timeouts.\n\n");
  }
  bool good = true;
  using config::Endpoint;
  for (const auto endpoint : {Endpoint::chat, Endpoint::completions, Endpoint::embeddings}) {
    for (const bool stream : {true, false}) {
      if (stream && endpoint == Endpoint::embeddings) continue;
      good = print_chain(chain::chain_of(*configuration, {.endpoint = endpoint, .stream = stream}, observed),
                         "") &&
             good;
    }
  }
  good = print_chain(chain::chat_page_chain(*configuration, observed), ", the chat page") && good;
  for (const auto& rule : configuration->rules) {
    const auto chain = chain::chain_of(*configuration, {.stream = true, .rule = &rule}, observed);
    good = print_chain(chain, fmt::format(", rule \"{}\"", rule.pattern)) && good;
  }
  fmt::print("\n> gives up first when the model takes a request and stays silent.\n");
  return good ? 0 : 1;
}

void add_doctor_command(CLI::App& program, DoctorOptions& options, int& result) {
  auto* command =
      program.add_subcommand("doctor", "Say which layer gives up first on a request, and what is wrong");
  command->add_option("--config", options.config_file, "Configuration file (TOML)")->type_name("FILE");
  command->add_option("--data", options.data, "Folder for what the gateway keeps")->type_name("DIR");
  auto& probe = options.probe;
  auto* url = command->add_option("--url", probe.url, "Probe the way to a running gateway, from here")
                  ->type_name("https://HOST/v1");
  const auto of_probe = [url](CLI::Option* option) { option->needs(url); };
  of_probe(command->add_option("--key", probe.key, "An API key; better: PUNCTUAL_API_KEY or --key-file")
               ->type_name("KEY"));
  of_probe(command->add_option("--key-file", probe.key_file, "File that holds the API key; -: standard input")
               ->type_name("FILE"));
  of_probe(command->add_option("--ca-file", probe.ca_file, "Certificates to trust beside the system's (PEM)")
               ->type_name("FILE"));
  of_probe(command->add_option("--longest", probe.longest, "The longest silence to try; usually 310")
               ->type_name("SECONDS"));
  of_probe(command->add_flag("--json", probe.json, "Print what was found as JSON"));
  command->callback([&options, &result] {
    result = options.probe.url.empty() ? examine(options) : probe_way(options.probe);
  });
}

}  // namespace punctual::app
