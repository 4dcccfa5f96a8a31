#include <array>
#include <utility>

#include "config/api_key.hpp"
#include "config/checks.hpp"
#include "config/seconds.hpp"
#include "config/sections.hpp"
#include "config/static_headers.hpp"

namespace punctual::config {

namespace {

constexpr std::array<std::pair<std::string_view, ProviderKind>, 2> kinds = {
    {{"openai", ProviderKind::openai}, {"anthropic", ProviderKind::anthropic}}};

void read_name(TableReader& reader, Provider& provider) {
  LoadContext& context = reader.context();
  auto name = reader.require<std::string>("name");
  if (!name || !is_name(context, *name)) return;
  if (name->value == simulated_provider) {
    context.report(name->place, "is \"sim\", the built-in simulation's name: choose another");
  } else if (context.configuration.provider_named(name->value)) {
    context.report(name->place, "is \"" + name->value + "\", as another provider: choose another");
  }
  provider.name = std::move(name->value);
}

Provider provider_from(TableReader& reader) {
  LoadContext& context = reader.context();
  Provider provider;
  read_name(reader, provider);
  if (const auto kind = reader.require<std::string>("kind")) {
    if (const auto known = chosen(context, *kind, kinds)) provider.kind = *known;
  }
  if (const auto text = reader.require<std::string>("base_url")) {
    auto url = parse_url(text->value);
    if (url) provider.base_url = std::move(*url);
    if (!url) context.report(text->place, std::move(url.error()));
  }
  read_api_key(reader, provider);
  if (auto file = reader.read<std::string>("ca_file")) provider.ca_file = std::move(file->value);
  read_static_headers(reader, provider);
  provider.timeouts = read_overrides(reader, deadline::SourceKind::provider, provider.name);
  reader.finish();
  return provider;
}

}  // namespace

void read_providers(TableReader& root) {
  std::vector<Provider>& providers = root.context().configuration.providers;
  for (TableReader& reader : root.tables("providers"))
    providers.push_back(provider_from(reader));
  Provider& simulated = providers.emplace_back();
  simulated.name = std::string(simulated_provider);
  simulated.kind = ProviderKind::simulated;
}

}  // namespace punctual::config
