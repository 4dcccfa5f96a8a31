#include "discovery/offers.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "config/presets.hpp"
#include "discovery/files.hpp"
#include "discovery/places.hpp"
#include "discovery/servers.hpp"
#include "pool/memory_estimate.hpp"

namespace punctual::discovery {

namespace {

using config::Configuration;

constexpr std::uint32_t context_usual = 8192;

bool leads_to(const config::Url& url, std::uint16_t port) {
  const bool here = url.host == "localhost" || url.host == "127.0.0.1" || url.host == "::1";
  return here && url.socket_path.empty() && url.port == port;
}

bool is_added(const FoundServer& server, const Configuration& configuration) {
  const auto leads = [&](const config::Provider& provider) {
    return leads_to(provider.base_url, server.port);
  };
  return std::ranges::any_of(configuration.providers, leads) ||
         std::ranges::any_of(configuration.models, leads, &config::LocalModel::provider);
}

bool is_added(const FoundFile& file, const Configuration& configuration) {
  return std::ranges::any_of(configuration.models, [&](const config::LocalModel& model) {
    std::error_code error;
    return model.file == file.path ||
           (model.file.starts_with('/') && std::filesystem::equivalent(model.file, file.path, error));
  });
}

// `wanted`, or with a number behind it that nobody has.
std::string free_name(const std::string& wanted, std::set<std::string>& taken) {
  std::string name = wanted;
  for (int number = 2; !taken.insert(name).second; ++number)
    name = wanted + "-" + std::to_string(number);
  return name;
}

std::uint32_t context_for(const pool::Gguf& header) {
  const auto most = header.context_length;
  return most > 0 && most < context_usual ? static_cast<std::uint32_t>(most) : context_usual;
}

FileOffer offer_of(FoundFile file) {
  FileOffer offer;
  offer.context = context_for(file.header);
  pool::EstimateOptions options{.context = offer.context, .slots = 1};
  pool::Gguf projector;
  if (!file.projector.empty()) {
    if (auto read = pool::read_gguf(file.projector)) {
      projector = std::move(*read);
      options.projector = &projector;
    }
  }
  const auto estimate = pool::estimate_memory(file.header, options);
  offer.memory_bytes = estimate.total_bytes();
  offer.memory_words = pool::in_words(estimate);
  offer.file = std::move(file);
  return offer;
}

}  // namespace

std::expected<Offers, std::string> look(const Configuration& configuration,
                                        const config::Environment& environment, const deadline::Clock& clock,
                                        const Patience& patience) {
  const auto end = std::min(patience.until, clock.now() + look_limit);
  Offers offers;
  offers.ports = ports_to_ask(configuration, environment);
  auto servers = find_servers(offers.ports, clock, end - clock.now(), patience.given_up);
  if (!servers) return std::unexpected(std::move(servers.error()));
  std::set<std::string> taken;
  for (const auto& provider : configuration.providers)
    taken.insert(provider.name);
  for (auto& server : *servers) {
    const std::string kind(name_of(server.kind));
    const bool added = is_added(server, configuration);
    offers.servers.push_back({std::move(server), added ? kind : free_name(kind, taken),
                              config::preset_named(kind) ? kind : std::string(), added});
  }
  const auto* home = environment.find("HOME");
  WalkLimits limits;
  limits.out_of_time = [&] { return clock.now() >= end || patience.given_up(); };
  auto found = find_files(configuration.discovery.folders, home ? *home : std::string(), limits);
  std::set<std::string> models;
  for (const auto& model : configuration.models)
    models.insert(model.name);
  offers.files.reserve(found.files.size());
  for (auto& file : found.files) {
    FileOffer& offer = offers.files.emplace_back(offer_of(std::move(file)));
    offer.added = is_added(offer.file, configuration);
    offer.name = offer.added ? offer.file.name : free_name(offer.file.name, models);
  }
  offers.folders = std::move(found.folders);
  offers.complete = found.complete;
  return offers;
}

}  // namespace punctual::discovery
