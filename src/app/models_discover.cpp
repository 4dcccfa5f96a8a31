// `punctual models discover`.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

#include "app/models_command.hpp"
#include "app/offline.hpp"
#include "discovery/offers.hpp"
#include "pool/memory_estimate.hpp"
#include "pool/model_program.hpp"

namespace punctual::app {

namespace {

constexpr std::string_view added_words = "  (added already)";

void print_servers(const std::vector<discovery::ServerOffer>& servers) {
  if (servers.empty()) return;
  fmt::print("servers that run:\n");
  for (const auto& offer : servers) {
    fmt::print("  {}{}{} at {}, {} models{}\n", discovery::title_of(offer.server.kind),
               offer.server.version.empty() ? "" : " ", offer.server.version, offer.server.base_url(),
               offer.server.model_count, offer.added ? added_words : "");
    if (offer.added) continue;
    fmt::print(
        "    to add it, on the page Settings or in the configuration file:\n      [[providers]]\n"
        "      name = \"{}\"\n      {}\n      base_url = \"{}\"\n",
        offer.name, offer.preset.empty() ? "kind = \"openai\"" : "preset = \"" + offer.preset + "\"",
        offer.server.base_url());
  }
}

void print_files(const std::vector<discovery::FileOffer>& files) {
  if (files.empty()) return;
  fmt::print("model files:\n");
  for (const auto& offer : files) {
    const auto& header = offer.file.header;
    fmt::print("  {}  {} {}, takes about {}{}\n", offer.file.path, header.architecture, header.quantisation,
               pool::bytes_in_words(offer.memory_bytes), offer.added ? added_words : "");
    if (!offer.added) fmt::print("    punctual models add '{}' --name {}\n", offer.file.path, offer.name);
  }
}

}  // namespace

int discover_models(const ModelsOptions& options) {
  auto opened =
      open_offline({"punctual models", options.config_file, options.data, config::Environment::of_process()});
  if (!opened) return 1;
  const deadline::SystemClock clock;
  const auto service = open_settings(*opened, clock);
  if (!service) {
    fmt::print(stderr, "punctual models: {}\n", service.error());
    return 1;
  }
  const auto offers = discovery::look(*(*service)->current()->configuration, opened->base.environment, clock,
                                      {.until = clock.now() + discovery::look_limit});
  if (!offers) {
    fmt::print(stderr, "punctual models: this machine cannot be looked at: {}\n", offers.error());
    return 1;
  }
  print_servers(offers->servers);
  print_files(offers->files);
  config::LocalModel model;
  const auto program = pool::program_of(model, environ);
  if (program.path.empty()) {
    fmt::print("{}\n", program.advice);
  } else {
    fmt::print("llama-server: {}\n", program.path);
  }
  if (offers->servers.empty() && offers->files.empty())
    fmt::print(
        "Nothing else was found: neither a model server on 127.0.0.1 nor *.gguf in the usual folders "
        "([discovery] says which).\n");
  if (!offers->complete) fmt::print("The folders hold more than was looked at.\n");
  return 0;
}

}  // namespace punctual::app
