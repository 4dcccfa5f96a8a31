#include <algorithm>
#include <array>
#include <set>
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

// The key is looked for in `keys`, the file's table, where a stored one stands over that.
Provider provider_from(TableReader& reader, TableReader* keys) {
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
  if (keys) read_api_key(*keys, provider);
  if (auto file = reader.read<std::string>("ca_file")) provider.ca_file = std::move(file->value);
  read_static_headers(reader, provider);
  provider.timeouts = read_overrides(reader, deadline::SourceKind::provider, provider.name);
  reader.finish();
  return provider;
}

// What is stored in the place of the file's provider that `reader` reads.
const StoredItem* stored_over(const TableReader& reader, const Overlay& overlay) {
  const auto name = reader.text("name");
  for (const StoredItem& item : overlay.providers) {
    const auto found = std::ranges::find(item.table, "name", &Member::key);
    if (found == item.table.end()) continue;
    const auto* text = std::get_if<std::string>(&found->value.data);
    if (text && *text == name) return &item;
  }
  return nullptr;
}

void take_stored_key(const Overlay& overlay, Provider& provider) {
  Secret key = overlay.provider_key(provider.id);
  if (key.empty()) return;
  provider.api_key = std::move(key);
  provider.key_from = "stored";
}

}  // namespace

void read_providers(TableReader& root, const Overlay& overlay) {
  LoadContext& context = root.context();
  std::vector<Provider>& providers = context.configuration.providers;
  std::set<const StoredItem*> used;
  for (TableReader& reader : root.tables("providers")) {
    const StoredItem* over = stored_over(reader, overlay);
    if (over && used.insert(over).second) {
      TableReader stored = TableReader::stored(context, over->table, "providers[" + over->id + "]");
      providers.push_back(provider_from(stored, &reader));
      reader.take_all();
      providers.back().id = over->id;
      providers.back().origin = Origin::stored;
    } else {
      providers.push_back(provider_from(reader, &reader));
      providers.back().id = file_provider_id(providers.back().name);
    }
    providers.back().in_file = true;
  }
  for (const StoredItem& item : overlay.providers) {
    if (used.contains(&item)) continue;
    TableReader stored = TableReader::stored(context, item.table, "providers[" + item.id + "]");
    providers.push_back(provider_from(stored, nullptr));
    providers.back().id = item.id;
    providers.back().origin = Origin::stored;
  }
  if (overlay.provider_key) {
    for (Provider& provider : providers)
      take_stored_key(overlay, provider);
  }
  Provider& simulated = providers.emplace_back();
  simulated.id = std::string(simulated_provider);
  simulated.origin = Origin::built_in;
  simulated.name = std::string(simulated_provider);
  simulated.kind = ProviderKind::simulated;
}

}  // namespace punctual::config
