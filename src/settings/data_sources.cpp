#include "settings/data_sources.hpp"

#include <algorithm>

#include "secrets/token.hpp"
#include "settings/json_table.hpp"
#include "telemetry/log.hpp"

namespace punctual::settings {

namespace {

namespace bj = boost::json;
using datasource::Kind;
using datasource::Source;

constexpr std::size_t sources_max = 200;
constexpr std::size_t password_bytes_max = 16384;

Error not_found(const std::string& id) {
  return {ErrorKind::not_found, "There is no data source of the id " + id + ".", {}};
}

// Whole numbers as such: 30, not 30.0.
bj::value seconds_value(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  return static_cast<double>(whole) == seconds ? bj::value(whole) : bj::value(seconds);
}

// What is kept, and what a change records.
bj::object stored_document(const Source& source) {
  bj::object document = {{"name", source.name}, {"kind", datasource::name_of(source.kind)}};
  if (source.kind == Kind::sqlite) {
    document["file"] = source.file;
  } else {
    document["host"] = source.host;
    document["port"] = source.port;
    document["database"] = source.database;
    document["user"] = source.user;
    document["tls"] = datasource::name_of(source.tls);
  }
  document["enabled"] = source.enabled;
  document["query_seconds"] = seconds_value(source.query_seconds);
  document["rows_max"] = source.bounds.rows_max;
  document["bytes_max"] = source.bounds.bytes_max;
  document["cell_bytes_max"] = source.bounds.cell_bytes_max;
  return document;
}

std::string change_text(const Source& source, const std::optional<std::string>& password) {
  bj::object text = stored_document(source);
  if (password) text["password"] = password->empty() ? "removed" : "replaced";
  return bj::serialize(text);
}

std::string text_in(const bj::object& document, std::string_view name) {
  const auto* value = document.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

void read_number(const bj::object& document, std::string_view name, std::int64_t& number) {
  const auto* value = document.if_contains(name);
  if (value && value->is_int64()) number = value->get_int64();
}

std::optional<Source> source_from(const std::string& id, const StoredDataSource& stored) {
  const auto document = parse_object(stored.document);
  if (!document) return std::nullopt;
  Source source;
  source.id = id;
  source.name = stored.name;
  const auto kind = datasource::parse_kind(text_in(*document, "kind"));
  if (!kind) return std::nullopt;
  source.kind = *kind;
  source.file = text_in(*document, "file");
  source.host = text_in(*document, "host");
  std::int64_t port = source.port;
  read_number(*document, "port", port);
  source.port = static_cast<int>(port);
  source.database = text_in(*document, "database");
  source.user = text_in(*document, "user");
  source.tls = datasource::parse_tls(text_in(*document, "tls")).value_or(source.tls);
  const auto* enabled = document->if_contains("enabled");
  source.enabled = enabled && enabled->is_bool() && enabled->get_bool();
  const auto* seconds = document->if_contains("query_seconds");
  if (seconds && seconds->is_number()) source.query_seconds = seconds->to_number<double>();
  read_number(*document, "rows_max", source.bounds.rows_max);
  read_number(*document, "bytes_max", source.bounds.bytes_max);
  read_number(*document, "cell_bytes_max", source.bounds.cell_bytes_max);
  if (!datasource::problems_of(source).empty()) return std::nullopt;
  return source;
}

// The stored password would be sent to another server.
bool leads_elsewhere(const Source& before, const Source& after) {
  return before.kind != after.kind || before.host != after.host || before.port != after.port;
}

Result<void> check(const DataSourceInput& input) {
  Error error;
  for (const auto& problem : datasource::problems_of(input.source))
    error.fields.push_back({problem.field, problem.message});
  if (input.password && !input.password->empty()) {
    if (input.source.kind == Kind::sqlite) {
      error.fields.push_back({"password", "has no meaning for a SQLite file: leave it out"});
    } else if (input.password->size() > password_bytes_max || input.password->contains('\0')) {
      error.fields.push_back({"password", "cannot be a password: give at most 16384 bytes without NUL"});
    }
  }
  if (error.fields.empty()) return {};
  error.message = error.fields.front().field + " " + error.fields.front().message;
  return std::unexpected(std::move(error));
}

Result<void> check_name_free(const Stored& stored, const std::string& name, const std::string& id) {
  for (const auto& [other, source] : stored.data_sources) {
    if (other != id && source.name == name) {
      return std::unexpected(Error{ErrorKind::conflict,
                                   "Another data source is called \"" + name + "\".",
                                   {{"name", "is taken: choose another, or change that data source"}}});
    }
  }
  return {};
}

Result<void> set_password(const Service& service, StoredDataSource& stored, const std::string& id,
                          const std::optional<std::string>& password) {
  if (!password) return {};
  if (!password->empty()) return service.seal(stored, id, *password);
  stored.password_sealed.clear();
  return {};
}

Service::Change creation(const Service& service, std::string id, DataSourceInput input) {
  return [&service, id = std::move(id), input = std::move(input)](Stored& stored,
                                                                  const Snapshot&) -> Result<Note> {
    if (stored.data_sources.size() >= sources_max)
      return std::unexpected(Error{ErrorKind::conflict, "There are 200 data sources: delete one first.", {}});
    const auto& source = input.source;
    if (auto is_free = check_name_free(stored, source.name, id); !is_free)
      return std::unexpected(std::move(is_free.error()));
    StoredDataSource made{source.name, bj::serialize(stored_document(source)), {}, 0};
    if (auto sealed = set_password(service, made, id, input.password); !sealed)
      return std::unexpected(std::move(sealed.error()));
    stored.data_sources[id] = std::move(made);
    return Note{"create", "datasource:" + source.name, {}, change_text(source, input.password)};
  };
}

Service::Change replacement(const Service& service, std::string id, DataSourceInput input) {
  return [&service, id = std::move(id), input = std::move(input)](Stored& stored,
                                                                  const Snapshot& current) -> Result<Note> {
    const auto found = stored.data_sources.find(id);
    const auto before = data_source_of_id(current, id);
    if (found == stored.data_sources.end() || !before) return std::unexpected(not_found(id));
    const auto& source = input.source;
    if (auto is_free = check_name_free(stored, source.name, id); !is_free)
      return std::unexpected(std::move(is_free.error()));
    StoredDataSource& after = found->second;
    if (!input.password && !after.password_sealed.empty() && leads_elsewhere(*before, source)) {
      return std::unexpected(
          invalid_field("password", "must be given again, because the source leads to another server"));
    }
    if (source.kind == Kind::sqlite) after.password_sealed.clear();
    after.name = source.name;
    after.document = bj::serialize(stored_document(source));
    if (auto sealed = set_password(service, after, id, input.password); !sealed)
      return std::unexpected(std::move(sealed.error()));
    return Note{"update", "datasource:" + source.name, change_text(*before, {}),
                change_text(source, input.password)};
  };
}

}  // namespace

bj::object data_source_document(const Source& source) {
  bj::object document = stored_document(source);
  document["id"] = source.id;
  if (source.kind == Kind::postgresql)
    document["password_set"] = source.password != nullptr || !source.password_problem.empty();
  return document;
}

bj::object data_source_summary(const Source& source) {
  return {{"id", source.id},
          {"name", source.name},
          {"kind", datasource::name_of(source.kind)},
          {"enabled", source.enabled}};
}

bj::object data_sources_document(const Snapshot& snapshot, bool whole) {
  std::vector<std::shared_ptr<const Source>> all;
  all.reserve(snapshot.data_sources.size());
  for (const auto& [id, source] : snapshot.data_sources)
    all.push_back(source);
  std::ranges::sort(all, {}, [](const auto& source) { return std::tie(source->name, source->id); });
  bj::array list;
  for (const auto& source : all)
    list.push_back(whole ? data_source_document(*source) : data_source_summary(*source));
  return {{"data_sources", std::move(list)}, {"version", snapshot.stored.version_of(Section::datasources)}};
}

std::shared_ptr<const Source> data_source_of_id(const Snapshot& snapshot, std::string_view id) {
  const auto found = snapshot.data_sources.find(id);
  return found == snapshot.data_sources.end() ? nullptr : found->second;
}

Result<Source> draft_data_source(Service& service, const std::string& id, DataSourceInput input) {
  if (auto good = check(input); !good) return std::unexpected(std::move(good.error()));
  const std::string draft = id.empty() ? secrets::new_id("data") : id;
  auto snapshot = service.rehearse(id.empty() ? creation(service, draft, std::move(input))
                                              : replacement(service, draft, std::move(input)));
  if (!snapshot) return std::unexpected(std::move(snapshot.error()));
  const auto source = data_source_of_id(**snapshot, draft);
  if (!source) return std::unexpected(not_found(draft));
  return *source;
}

Result<std::string> create_data_source(Service& service, const Actor& actor,
                                       std::optional<std::int64_t> if_match, const DataSourceInput& input) {
  if (auto good = check(input); !good) return std::unexpected(std::move(good.error()));
  std::string id = secrets::new_id("data");
  const auto changed = service.change(Section::datasources, actor, if_match, creation(service, id, input));
  if (!changed) return std::unexpected(changed.error());
  return id;
}

Result<void> replace_data_source(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                                 const std::string& id, const DataSourceInput& input) {
  if (auto good = check(input); !good) return good;
  const auto changed = service.change(Section::datasources, actor, if_match, replacement(service, id, input));
  if (!changed) return std::unexpected(changed.error());
  return {};
}

Result<void> delete_data_source(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                                const std::string& id) {
  const auto changed = service.change(
      Section::datasources, actor, if_match, [&](Stored& stored, const Snapshot& current) -> Result<Note> {
        const auto before = data_source_of_id(current, id);
        if (stored.data_sources.erase(id) == 0 || !before) return std::unexpected(not_found(id));
        return Note{"delete", "datasource:" + before->name, change_text(*before, {}), {}};
      });
  if (!changed) return std::unexpected(changed.error());
  return {};
}

std::map<std::string, std::shared_ptr<const Source>, std::less<>> data_sources_of(
    const Stored& stored, const PasswordOpener& open_password) {
  std::map<std::string, std::shared_ptr<const Source>, std::less<>> all;
  for (const auto& [id, one] : stored.data_sources) {
    auto source = source_from(id, one);
    if (!source) {
      telemetry::log_warning("the stored data source " + one.name + " cannot be read and is left out");
      continue;
    }
    if (!one.password_sealed.empty() && open_password) {
      auto password = open_password(id, one);
      if (password) {
        source->password = std::make_shared<const config::Secret>(std::move(*password));
      } else {
        source->password_problem = "the stored password cannot be opened: give it again";
      }
    }
    all.emplace(id, std::make_shared<const Source>(std::move(*source)));
  }
  return all;
}

}  // namespace punctual::settings
