#include "settings/providers.hpp"

#include <algorithm>
#include <cctype>

#include "config/bounds.hpp"
#include "config/presets.hpp"
#include "config/text_file.hpp"
#include "secrets/token.hpp"
#include "settings/timeouts.hpp"

namespace punctual::settings {

namespace {

namespace bj = boost::json;

constexpr std::size_t providers_max = 500;
constexpr std::size_t key_bytes_max = 16384;

std::string origin_of(const config::Url& url) {
  return std::to_string(static_cast<int>(url.scheme)) + url.host + ":" + std::to_string(url.port) +
         url.socket_path;
}

// The new key, if the body has one; null is an empty one. Taken out of the body.
Result<std::optional<std::string>> take_key(bj::object& body) {
  const auto found = body.find("api_key");
  if (found == body.end()) return std::nullopt;
  const bj::value value = found->value();
  body.erase(found);
  if (value.is_null()) return std::string();
  if (!value.is_string())
    return std::unexpected(invalid_field("api_key", "is no text: give the key, or null"));
  std::string key(value.get_string());
  const bool sane = !key.empty() && key.size() <= key_bytes_max &&
                    std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!sane) {
    return std::unexpected(
        invalid_field("api_key", "cannot be a key: give 1 to 16384 visible ASCII characters without spaces"));
  }
  return key;
}

// Members that only answers have are let pass, so that what was read can be sent back.
void drop_answer_members(bj::object& body) {
  for (const auto* name : {"id", "origin", "in_file", "key", "editable"})
    body.erase(name);
}

std::string text_member(const bj::object& body, std::string_view name) {
  const auto found = body.find(name);
  return found != body.end() && found->value().is_string() ? std::string(found->value().get_string())
                                                           : std::string();
}

Result<void> set_key(const Service& service, StoredProvider& provider, const std::string& id,
                     const std::optional<std::string>& key) {
  if (!key) return {};
  if (!key->empty()) return service.seal(provider, id, *key);
  provider.key_sealed.clear();
  provider.key_hint.clear();
  return {};
}

// Headers are kept and shown as they are, so no credential may be among them.
Result<void> check_headers(const bj::object& body) {
  const auto found = body.find("headers");
  if (found == body.end() || !found->value().is_object()) return {};
  for (const auto& header : found->value().get_object()) {
    std::string name(header.key());
    const std::string field = "headers." + name;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    for (const std::string_view word : {"authorization", "key", "token", "secret", "cookie", "password"}) {
      if (name.contains(word))
        return std::unexpected(invalid_field(field, "looks like a credential: give it as api_key"));
    }
    if (header.value().is_null()) {
      return std::unexpected(
          invalid_field(field, "has a value in the file that is not shown: give it again, or leave it out"));
    }
  }
  return {};
}

// Looked at here, when it is given: a file that vanishes later must not stand in the way of other changes.
Result<void> check_ca_file(const bj::object& body) {
  const auto path = text_member(body, "ca_file");
  if (path.empty()) return {};
  const auto text = config::read_text_file(path, config::file_bytes_max, config::Privacy::any);
  if (!text) return std::unexpected(invalid_field("ca_file", text.error()));
  if (text->contains("-----BEGIN CERTIFICATE-----")) return {};
  return std::unexpected(invalid_field(
      "ca_file", "holds no certificate: give a file in PEM form (-----BEGIN CERTIFICATE-----)"));
}

Error not_found(const std::string& id) {
  return {ErrorKind::not_found, "There is no provider of the id " + id + ".", {}};
}

std::string change_text(const bj::object& body, const std::optional<std::string>& key) {
  bj::object text = body;
  if (key) text["api_key"] = key->empty() ? "removed" : "replaced";
  return bj::serialize(text);
}

// The key that is there would be sent to another host.
bool leads_elsewhere(const config::Provider& before, const bj::object& body) {
  if (before.api_key.empty()) return false;
  const config::Preset* preset = config::preset_named(text_member(body, "preset"));
  const std::string written = text_member(body, "base_url");
  const auto url = config::parse_url(written.empty() && preset ? std::string(preset->base_url) : written);
  return url && origin_of(*url) != origin_of(before.base_url);
}

// The body's key, taken out of it, and what else can be judged without knowing the settings.
Result<std::optional<std::string>> checked_key(bj::object& body) {
  auto key = take_key(body);
  if (!key) return key;
  drop_answer_members(body);
  if (auto good = check_headers(body); !good) return std::unexpected(std::move(good.error()));
  if (auto good = check_ca_file(body); !good) return std::unexpected(std::move(good.error()));
  return key;
}

Service::Change creation(const Service& service, std::string id, std::optional<std::string> key,
                         bj::object body) {
  std::string name = text_member(body, "name");
  return [&service, id = std::move(id), key = std::move(key), name = std::move(name), body = std::move(body)](
             Stored& stored, const Snapshot& current) -> Result<Note> {
    if (stored.providers.size() >= providers_max) {
      return std::unexpected(Error{ErrorKind::conflict, "There are 500 providers: delete one first.", {}});
    }
    if (current.configuration->provider_named(name)) {
      return std::unexpected(Error{ErrorKind::conflict,
                                   "Another provider is called \"" + name + "\".",
                                   {{"name", "is taken: choose another, or change that provider"}}});
    }
    StoredProvider provider{name, bj::serialize(body), {}, 0, {}};
    if (auto sealed = set_key(service, provider, id, key); !sealed)
      return std::unexpected(std::move(sealed.error()));
    stored.providers[id] = std::move(provider);
    return Note{"create", "provider:" + name, {}, change_text(body, key)};
  };
}

Service::Change replacement(const Service& service, std::string id, std::optional<std::string> key,
                            bj::object body) {
  return [&service, id = std::move(id), key = std::move(key), given = std::move(body)](
             Stored& stored, const Snapshot& current) -> Result<Note> {
    const config::Provider* before = provider_of_id(current, id);
    if (!before) return std::unexpected(not_found(id));
    if (before->origin == config::Origin::built_in) {
      return std::unexpected(Error{ErrorKind::conflict, "The built-in simulation cannot be changed.", {}});
    }
    bj::object body = given;
    if (!body.contains("name")) body["name"] = before->name;
    if (text_member(body, "name") != before->name) {
      return std::unexpected(
          invalid_field("name", "cannot change, because rules and records use it: create another provider"));
    }
    if (leads_elsewhere(*before, body) && (!key || key->empty())) {
      return std::unexpected(invalid_field(
          "api_key", "must be given again, because base_url leads to another host than before"));
    }
    StoredProvider& provider = stored.providers[id];
    provider.name = before->name;
    provider.document = bj::serialize(body);
    if (auto sealed = set_key(service, provider, id, key); !sealed)
      return std::unexpected(std::move(sealed.error()));
    return Note{"update", "provider:" + before->name, bj::serialize(provider_document(current, *before)),
                change_text(body, key)};
  };
}

}  // namespace

const config::Provider* provider_of_id(const Snapshot& snapshot, std::string_view id) {
  for (const auto& provider : snapshot.configuration->providers) {
    if (provider.id == id) return &provider;
  }
  return nullptr;
}

bj::object provider_document(const Snapshot& snapshot, const config::Provider& provider) {
  const bool simulated = provider.kind == config::ProviderKind::simulated;
  bj::object document = {{"id", provider.id},
                         {"name", provider.name},
                         {"preset", provider.preset},
                         {"kind", config::name_of(provider.kind)},
                         {"base_url", simulated ? std::string() : provider.base_url.text()},
                         {"auth", config::name_of(provider.auth)},
                         {"in_flight_max", provider.in_flight_max},
                         {"waiting_max", provider.waiting_max},
                         {"own_limit_seconds", seconds_value(provider.own_limit)},
                         {"origin", config::name_of(provider.origin)},
                         {"in_file", provider.in_file},
                         {"editable", !simulated},
                         {"timeouts", overrides_document(provider.timeouts)}};
  if (!provider.ca_file.empty()) document["ca_file"] = provider.ca_file;
  bj::object headers;
  for (const auto& header : provider.headers) {
    // The file may hold credentials here; what came through the API does not.
    headers[header.name] =
        provider.origin == config::Origin::stored ? bj::value(header.value) : bj::value(nullptr);
  }
  document["headers"] = std::move(headers);
  bj::object key = {{"set", !provider.api_key.empty()}, {"from", provider.key_from}};
  const auto stored = snapshot.stored.providers.find(provider.id);
  if (stored != snapshot.stored.providers.end() && !stored->second.key_sealed.empty()) {
    key["hint"] = stored->second.key_hint;
    key["version"] = stored->second.key_version;
  }
  document["key"] = std::move(key);
  return document;
}

bj::object providers_document(const Snapshot& snapshot) {
  bj::array list;
  for (const auto& provider : snapshot.configuration->providers)
    list.push_back(provider_document(snapshot, provider));
  return {{"providers", std::move(list)}, {"version", snapshot.stored.version_of(Section::providers)}};
}

bj::object presets_document() {
  bj::array list;
  for (const auto& preset : config::presets()) {
    bj::object object = {{"name", preset.name},
                         {"title", preset.title},
                         {"kind", config::name_of(preset.kind)},
                         {"base_url", preset.base_url},
                         {"auth", config::name_of(preset.auth)},
                         {"local", preset.local},
                         {"needs_key", preset.needs_key},
                         {"note", preset.note},
                         {"documentation", preset.documentation}};
    if (!preset.base_url_form.empty()) object["base_url_form"] = preset.base_url_form;
    list.push_back(std::move(object));
  }
  return {{"presets", std::move(list)}};
}

Result<std::string> create_provider(Service& service, const Actor& actor,
                                    std::optional<std::int64_t> if_match, bj::object body) {
  const auto key = checked_key(body);
  if (!key) return std::unexpected(key.error());
  std::string id = secrets::new_id("prov");
  const auto changed =
      service.change(Section::providers, actor, if_match, creation(service, id, *key, std::move(body)));
  if (!changed) return std::unexpected(changed.error());
  return id;
}

Result<void> replace_provider(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                              const std::string& id, bj::object body) {
  const auto key = checked_key(body);
  if (!key) return std::unexpected(key.error());
  const auto changed =
      service.change(Section::providers, actor, if_match, replacement(service, id, *key, std::move(body)));
  if (!changed) return std::unexpected(changed.error());
  return {};
}

Result<Draft> draft_provider(Service& service, bj::object body) {
  std::string id = text_member(body, "id");
  const bool exists = !id.empty();
  const auto key = checked_key(body);
  if (!key) return std::unexpected(key.error());
  if (!exists) id = secrets::new_id("prov");
  // One that is tried before it has a name.
  if (!exists && text_member(body, "name").empty()) body["name"] = id;
  auto snapshot = service.rehearse(exists ? replacement(service, id, *key, std::move(body))
                                          : creation(service, id, *key, std::move(body)));
  if (!snapshot) return std::unexpected(std::move(snapshot.error()));
  return Draft{std::move(*snapshot), std::move(id)};
}

Result<void> delete_provider(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                             const std::string& id) {
  const auto changed = service.change(
      Section::providers, actor, if_match, [&](Stored& stored, const Snapshot& current) -> Result<Note> {
        const config::Provider* before = provider_of_id(current, id);
        if (!before) return std::unexpected(not_found(id));
        if (before->origin != config::Origin::stored) {
          return std::unexpected(Error{ErrorKind::conflict,
                                       "Provider \"" + before->name +
                                           "\" is not stored here: it is in the configuration file, or built "
                                           "in. Remove it from the file.",
                                       {}});
        }
        for (const auto& rule : current.configuration->rules) {
          const bool leads =
              std::ranges::find(rule.targets, before->name, &config::Target::provider) != rule.targets.end();
          if (!leads || before->in_file) continue;
          return std::unexpected(Error{ErrorKind::conflict,
                                       "The rule for \"" + rule.pattern + "\" leads to provider \"" +
                                           before->name + "\": change or delete the rule first.",
                                       {}});
        }
        stored.providers.erase(id);
        return Note{
            "delete", "provider:" + before->name, bj::serialize(provider_document(current, *before)), {}};
      });
  if (!changed) return std::unexpected(changed.error());
  return {};
}

}  // namespace punctual::settings
