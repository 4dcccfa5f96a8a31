#include "settings/stored.hpp"

#include <array>

#include "base/text.hpp"
#include "settings/json_table.hpp"

namespace punctual::settings {

namespace {

using storage::Connection;
using storage::Outcome;
using storage::Value;

constexpr std::array<std::string_view, section_count> names = {
    "timeouts", "pool", "providers", "rules", "logs", "fronts", "datasources", "chat", "models"};
constexpr std::string_view version_name = "settings_version";

std::string version_name_of(Section section) {
  return std::string(version_name).append(":").append(name_of(section));
}

Outcome run(Connection& connection, std::string_view sql, std::initializer_list<Value> parameters) {
  const auto rows = connection.execute(sql, parameters);
  if (!rows) return std::unexpected(rows.error());
  return {};
}

Outcome put_meta(Connection& connection, std::string name, std::string value) {
  return run(connection,
             "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
             {std::move(name), std::move(value)});
}

Outcome read_meta(Connection& connection, Stored& stored) {
  const auto rows = connection.execute("SELECT name, value FROM meta WHERE name LIKE 'settings_version%'");
  if (!rows) return std::unexpected(rows.error());
  for (const auto row : *rows) {
    const auto version = static_cast<std::int64_t>(base::parse_unsigned(row.text(1)).value_or(0));
    if (row.text(0) == version_name) stored.version = version;
    for (std::size_t i = 0; i < section_count; ++i) {
      if (row.text(0) == version_name_of(Section(i))) stored.section_versions[Section(i)] = version;
    }
  }
  return {};
}

Outcome read_values(Connection& connection, Stored& stored) {
  const auto rows = connection.execute("SELECT section, name, value FROM settings");
  if (!rows) return std::unexpected(rows.error());
  for (const auto row : *rows) {
    for (std::size_t i = 0; i < section_count; ++i) {
      if (row.text(0) == names[i]) stored.values[Section(i)][row.text(1)] = row.text(2);
    }
  }
  return {};
}

Outcome read_data_sources(Connection& connection, Stored& stored) {
  const auto sources =
      connection.execute("SELECT id, name, document, password_sealed, password_version FROM data_sources");
  if (!sources) return std::unexpected(sources.error());
  for (const auto row : *sources) {
    const auto sealed = row.optional_blob(3);
    stored.data_sources[row.text(0)] = {row.text(1), row.text(2),
                                        sealed ? std::string(storage::bytes_of(*sealed)) : std::string(),
                                        row.integer(4)};
  }
  const auto chain = connection.execute("SELECT key_sealed FROM query_chain WHERE id = 1");
  if (!chain) return std::unexpected(chain.error());
  if (!chain->empty()) stored.query_key_sealed = storage::bytes_of(chain->front().blob(0));
  return {};
}

Outcome read_items(Connection& connection, Stored& stored) {
  const auto providers =
      connection.execute("SELECT id, name, document, key_sealed, key_version, key_hint FROM providers");
  if (!providers) return std::unexpected(providers.error());
  for (const auto row : *providers) {
    const auto sealed = row.optional_blob(3);
    stored.providers[row.text(0)] = {row.text(1), row.text(2),
                                     sealed ? std::string(storage::bytes_of(*sealed)) : std::string(),
                                     row.integer(4), row.text(5)};
  }
  const auto rules = connection.execute("SELECT id, priority, document FROM rules");
  if (!rules) return std::unexpected(rules.error());
  for (const auto row : *rules)
    stored.rules[row.text(0)] = {row.integer(1), row.text(2)};
  const auto models = connection.execute("SELECT id, name, document FROM models");
  if (!models) return std::unexpected(models.error());
  for (const auto row : *models)
    stored.models[row.text(0)] = {row.text(1), row.text(2)};
  const auto vault = connection.execute("SELECT document FROM vault WHERE id = 1");
  if (!vault) return std::unexpected(vault.error());
  if (!vault->empty()) stored.vault = vault->front().text(0);
  return read_data_sources(connection, stored);
}

Outcome read_all(Connection& connection, Stored& stored) {
  if (auto outcome = read_meta(connection, stored); !outcome) return outcome;
  if (auto outcome = read_values(connection, stored); !outcome) return outcome;
  return read_items(connection, stored);
}

Outcome write_values(Connection& connection, const Stored& before, const Stored& after, std::int64_t now,
                     const std::string& actor) {
  static const std::map<std::string, std::string> none;
  for (const Section section :
       {Section::timeouts, Section::pool, Section::logs, Section::fronts, Section::chat, Section::models}) {
    const auto old_values = before.values.find(section);
    const auto new_values = after.values.find(section);
    const auto& olds = old_values == before.values.end() ? none : old_values->second;
    const auto& news = new_values == after.values.end() ? none : new_values->second;
    const std::string section_name(name_of(section));
    for (const auto& [name, value] : olds) {
      if (news.contains(name)) continue;
      if (auto outcome =
              run(connection, "DELETE FROM settings WHERE section = $1 AND name = $2", {section_name, name});
          !outcome)
        return outcome;
    }
    for (const auto& [name, value] : news) {
      const auto old = olds.find(name);
      if (old != olds.end() && old->second == value) continue;
      if (auto outcome = run(connection,
                             "INSERT INTO settings (section, name, value, updated, updated_by) "
                             "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (section, name) "
                             "DO UPDATE SET value = $3, updated = $4, updated_by = $5",
                             {section_name, name, value, now, actor});
          !outcome)
        return outcome;
    }
  }
  return {};
}

Outcome write_providers(Connection& connection, const Stored& before, const Stored& after, std::int64_t now) {
  for (const auto& [id, provider] : before.providers) {
    if (after.providers.contains(id)) continue;
    if (auto outcome = run(connection, "DELETE FROM providers WHERE id = $1", {id}); !outcome) return outcome;
  }
  for (const auto& [id, provider] : after.providers) {
    const auto old = before.providers.find(id);
    if (old != before.providers.end() && old->second == provider) continue;
    const Value sealed = provider.key_sealed.empty() ? Value() : Value(storage::blob_of(provider.key_sealed));
    if (auto outcome =
            run(connection,
                "INSERT INTO providers (id, name, document, key_sealed, key_version, key_hint, "
                "created, updated) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (id) "
                "DO UPDATE SET name = $2, document = $3, key_sealed = $4, key_version = $5, "
                "key_hint = $6, updated = $7",
                {id, provider.name, provider.document, sealed, provider.key_version, provider.key_hint, now});
        !outcome)
      return outcome;
  }
  return {};
}

Outcome write_rules(Connection& connection, const Stored& before, const Stored& after, std::int64_t now) {
  for (const auto& [id, rule] : before.rules) {
    if (after.rules.contains(id)) continue;
    if (auto outcome = run(connection, "DELETE FROM rules WHERE id = $1", {id}); !outcome) return outcome;
  }
  for (const auto& [id, rule] : after.rules) {
    const auto old = before.rules.find(id);
    if (old != before.rules.end() && old->second == rule) continue;
    if (auto outcome =
            run(connection,
                "INSERT INTO rules (id, priority, document, created, updated) VALUES ($1, $2, $3, $4, $4) "
                "ON CONFLICT (id) DO UPDATE SET priority = $2, document = $3, updated = $4",
                {id, rule.priority, rule.document, now});
        !outcome)
      return outcome;
  }
  return {};
}

Outcome write_data_sources(Connection& connection, const Stored& before, const Stored& after,
                           std::int64_t now) {
  for (const auto& [id, source] : before.data_sources) {
    if (after.data_sources.contains(id)) continue;
    if (auto outcome = run(connection, "DELETE FROM data_sources WHERE id = $1", {id}); !outcome)
      return outcome;
  }
  for (const auto& [id, source] : after.data_sources) {
    const auto old = before.data_sources.find(id);
    if (old != before.data_sources.end() && old->second == source) continue;
    const Value sealed =
        source.password_sealed.empty() ? Value() : Value(storage::blob_of(source.password_sealed));
    if (auto outcome =
            run(connection,
                "INSERT INTO data_sources (id, name, document, password_sealed, password_version, created, "
                "updated) VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (id) DO UPDATE SET name = $2, "
                "document = $3, password_sealed = $4, password_version = $5, updated = $6",
                {id, source.name, source.document, sealed, source.password_version, now});
        !outcome)
      return outcome;
  }
  if (before.query_key_sealed == after.query_key_sealed) return {};
  return run(connection, "UPDATE query_chain SET key_sealed = $1 WHERE id = 1",
             {storage::blob_of(after.query_key_sealed)});
}

Outcome write_models(Connection& connection, const Stored& before, const Stored& after, std::int64_t now) {
  for (const auto& [id, model] : before.models) {
    if (after.models.contains(id)) continue;
    if (auto outcome = run(connection, "DELETE FROM models WHERE id = $1", {id}); !outcome) return outcome;
  }
  for (const auto& [id, model] : after.models) {
    const auto old = before.models.find(id);
    if (old != before.models.end() && old->second == model) continue;
    if (auto outcome =
            run(connection,
                "INSERT INTO models (id, name, document, created, updated) VALUES ($1, $2, $3, $4, $4) "
                "ON CONFLICT (id) DO UPDATE SET name = $2, document = $3, updated = $4",
                {id, model.name, model.document, now});
        !outcome)
      return outcome;
  }
  return {};
}

Outcome write_vault(Connection& connection, const Stored& before, const Stored& after, std::int64_t now) {
  if (before.vault == after.vault) return {};
  return run(connection,
             "INSERT INTO vault (id, wrapped, document, created) VALUES (1, $1, $2, $3) "
             "ON CONFLICT (id) DO UPDATE SET document = $2",
             {storage::Blob(), after.vault, now});
}

// By name: ids are random, and the order is what people see.
template <class Item>
std::vector<config::StoredItem> items_by_name(const std::map<std::string, Item>& all) {
  std::map<std::string_view, const std::string*> by_name;
  for (const auto& [id, item] : all)
    by_name[item.name] = &id;
  std::vector<config::StoredItem> items;
  items.reserve(by_name.size());
  for (const auto& [name, id] : by_name)
    items.push_back({*id, table_from(parse_object(all.at(*id).document).value_or(boost::json::object()))});
  return items;
}

Outcome write_all(Connection& connection, const Stored& before, const Stored& after, std::int64_t now,
                  const std::string& actor) {
  if (auto outcome = write_values(connection, before, after, now, actor); !outcome) return outcome;
  if (auto outcome = write_providers(connection, before, after, now); !outcome) return outcome;
  if (auto outcome = write_rules(connection, before, after, now); !outcome) return outcome;
  if (auto outcome = write_data_sources(connection, before, after, now); !outcome) return outcome;
  if (auto outcome = write_models(connection, before, after, now); !outcome) return outcome;
  if (auto outcome = write_vault(connection, before, after, now); !outcome) return outcome;
  for (const auto& [section, version] : after.section_versions) {
    if (before.version_of(section) == version) continue;
    if (auto outcome = put_meta(connection, version_name_of(section), std::to_string(version)); !outcome)
      return outcome;
  }
  return {};
}

}  // namespace

std::string_view name_of(Section section) {
  return names[static_cast<std::size_t>(section)];
}

std::int64_t Stored::version_of(Section section) const {
  const auto found = section_versions.find(section);
  return found == section_versions.end() ? 0 : found->second;
}

void store_values(Stored& stored, Section section, const boost::json::object& body) {
  auto& values = stored.values[section];
  for (const auto& member : body) {
    const std::string name(member.key());
    if (member.value().is_null()) {
      values.erase(name);
    } else {
      values[name] = boost::json::serialize(member.value());
    }
  }
}

std::expected<Stored, storage::Error> read(Connection& connection) {
  Stored stored;
  if (auto outcome = connection.begin(); !outcome) return std::unexpected(outcome.error());
  const auto outcome = read_all(connection, stored);
  const auto ended = connection.rollback();
  if (!outcome) return std::unexpected(outcome.error());
  if (!ended) return std::unexpected(ended.error());
  return stored;
}

std::expected<bool, storage::Error> write_difference(Connection& connection, const Stored& before,
                                                     const Stored& after, std::int64_t now,
                                                     const std::string& actor) {
  // The row's lock makes replicas take turns.
  const auto turn = connection.execute(
      "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2 "
      "WHERE meta.value = $3",
      {std::string(version_name), std::to_string(after.version), std::to_string(before.version)});
  if (!turn) return std::unexpected(turn.error());
  if (turn->changed() != 1) return false;
  if (auto outcome = write_all(connection, before, after, now, actor); !outcome)
    return std::unexpected(outcome.error());
  return true;
}

config::Overlay overlay_of(const Stored& stored) {
  config::Overlay overlay;
  const auto values = [&](Section section, config::Table& table) {
    const auto found = stored.values.find(section);
    if (found == stored.values.end()) return;
    boost::json::object object;
    for (const auto& [name, text] : found->second) {
      boost::system::error_code error;
      object[name] = boost::json::parse(text, error);
    }
    table = table_from(object);
  };
  values(Section::timeouts, overlay.timeouts);
  values(Section::pool, overlay.pool);
  values(Section::fronts, overlay.fronts);
  values(Section::chat, overlay.chat);
  overlay.providers = items_by_name(stored.providers);
  overlay.models = items_by_name(stored.models);
  const auto pins = stored.values.find(Section::models);
  if (pins != stored.values.end()) {
    for (const auto& [name, value] : pins->second) {
      if (name.starts_with(pin_prefix)) overlay.model_pins[name.substr(pin_prefix.size())] = value == "true";
    }
  }
  for (const auto& [id, rule] : stored.rules)
    overlay.rules.push_back({id, table_from(parse_object(rule.document).value_or(boost::json::object()))});
  return overlay;
}

}  // namespace punctual::settings
