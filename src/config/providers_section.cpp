#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "config/api_key.hpp"
#include "config/checks.hpp"
#include "config/presets.hpp"
#include "config/seconds.hpp"
#include "config/sections.hpp"
#include "config/static_headers.hpp"

namespace punctual::config {

namespace {

constexpr std::array<std::pair<std::string_view, ProviderKind>, 2> kinds = {
    {{"openai", ProviderKind::openai}, {"anthropic", ProviderKind::anthropic}}};

constexpr std::array<std::pair<std::string_view, Auth>, 4> auths = {{{"bearer", Auth::bearer},
                                                                     {"x-api-key", Auth::x_api_key},
                                                                     {"api-key", Auth::api_key},
                                                                     {"none", Auth::none}}};

constexpr std::int64_t requests_most = 100000;

void read_name(TableReader& reader, Provider& provider) {
  LoadContext& context = reader.context();
  auto name = reader.require<std::string>("name");
  if (!name || !is_name(context, *name)) return;
  if (name->value == simulated_provider) {
    context.report(name->place, "is \"sim\", the built-in simulation's name: choose another");
  } else if (name->value == pool_provider) {
    context.report(name->place, "is \"pool\", the name of the local models: choose another");
  } else if (context.configuration.provider_named(name->value)) {
    context.report(name->place, "is \"" + name->value + "\", as another provider: choose another");
  }
  provider.name = std::move(name->value);
}

// What a preset says is taken first; `kind` and `base_url` are missing only where it does not say them.
struct Defaults {
  const Preset* preset = nullptr;
  bool unknown = false;  // one was meant, and reported; what it would have said cannot be missing
};

Defaults read_preset(TableReader& reader, Provider& provider) {
  const auto name = reader.read<std::string>("preset");
  if (!name) return {nullptr, reader.has("preset")};
  if (name->value.empty()) return {};
  const Preset* preset = preset_named(name->value);
  if (!preset) {
    reader.context().report(name->place, unknown_preset(name->value));
    return {nullptr, true};
  }
  provider.preset = std::string(preset->name);
  provider.kind = preset->kind;
  provider.auth = preset->auth;
  provider.quirks = preset->quirks;
  if (!preset->base_url.empty()) provider.base_url = *parse_url(preset->base_url);
  return {preset, false};
}

void read_kind(TableReader& reader, const Defaults& defaults, Provider& provider) {
  if (const auto kind = reader.read<std::string>("kind")) {
    if (const auto known = chosen(reader.context(), *kind, kinds)) provider.kind = *known;
  } else if (!reader.has("kind") && !defaults.preset && !defaults.unknown) {
    reader.report("kind", "is missing");
  }
  if (!defaults.preset && provider.kind == ProviderKind::anthropic) provider.auth = Auth::x_api_key;
}

void read_base_url(TableReader& reader, const Defaults& defaults, Provider& provider) {
  if (const auto text = reader.read<std::string>("base_url")) {
    auto url = parse_url(text->value);
    if (url) provider.base_url = std::move(*url);
    if (!url) reader.context().report(text->place, std::move(url.error()));
  } else if (reader.has("base_url") || defaults.unknown) {
    return;
  } else if (defaults.preset && defaults.preset->base_url.empty()) {
    reader.report("base_url", "is missing: preset " + provider.preset + " has none that fits all, write " +
                                  std::string(defaults.preset->base_url_form));
  } else if (!defaults.preset) {
    reader.report("base_url", "is missing");
  }
}

void read_auth(TableReader& reader, Provider& provider) {
  if (const auto auth = reader.read<std::string>("auth")) {
    if (const auto known = chosen(reader.context(), *auth, auths)) provider.auth = *known;
  }
  const bool keyed = reader.has("api_key") || reader.has("api_key_env") || reader.has("api_key_file");
  if (provider.auth == Auth::none && keyed)
    reader.report("auth", "is \"none\", and there is a key: take one of the two away");
}

void read_count(TableReader& reader, std::string_view name, std::uint32_t& count) {
  const auto found = reader.read<std::int64_t>(name);
  if (found && in_range(reader.context(), *found, 0, requests_most))
    count = static_cast<std::uint32_t>(found->value);
}

// What the operator knows of the server itself; 0 means none.
void read_own_limit(TableReader& reader, Provider& provider) {
  const auto seconds = reader.read<double>("own_limit_seconds");
  if (!seconds) return;
  if (const auto limit = limit_from(reader.context(), *seconds, Zero::is_none))
    provider.own_limit = limit->duration;
}

// The key is looked for in `keys`, the file's table, where a stored one stands over that.
Provider provider_from(TableReader& reader, TableReader* keys) {
  Provider provider;
  read_name(reader, provider);
  const Defaults defaults = read_preset(reader, provider);
  read_kind(reader, defaults, provider);
  read_base_url(reader, defaults, provider);
  read_auth(reader, provider);
  if (keys) read_api_key(*keys, provider);
  if (auto file = reader.read<std::string>("ca_file")) provider.ca_file = std::move(file->value);
  read_static_headers(reader, provider);
  read_count(reader, "in_flight_max", provider.in_flight_max);
  read_count(reader, "waiting_max", provider.waiting_max);
  read_own_limit(reader, provider);
  provider.timeouts = read_overrides(reader, deadline::SourceKind::provider, provider.name);
  reader.finish();
  return provider;
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
    const StoredItem* over = item_named(overlay.providers, reader.text("name"));
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
  simulated.auth = Auth::none;
}

}  // namespace punctual::config
