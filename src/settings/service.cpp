#include "settings/service.hpp"

#include "changes/changes.hpp"
#include "telemetry/log.hpp"

namespace punctual::settings {

namespace {

constexpr int attempts_max = 5;
constexpr std::size_t hint_bytes = 4;
constexpr auto write_limit = std::chrono::seconds(5);

std::string all_texts(const std::vector<config::ConfigurationError>& errors) {
  std::string text;
  for (const auto& error : errors)
    text.append(text.empty() ? "" : "\n").append(error.text());
  return text;
}

// What is sealed for one of them opens for nothing else: whoever can write to the database cannot have a
// provider's key sent to a database server.
constexpr std::string_view query_key_owner = "query chain";
constexpr std::int64_t query_key_version = 1;

std::string password_owner(std::string_view id) {
  return std::string("data source ").append(id);
}

// What the change's own item is called in the errors is cut off: "providers[ID].base_url" is "base_url".
std::string field_of(std::string_view key) {
  for (const std::string_view section : {"timeouts.", "pool.", "chat."}) {
    if (key.starts_with(section)) return std::string(key.substr(section.size()));
  }
  if (key.starts_with("fronts[")) return std::string(key);
  const auto end = key.find("].");
  return std::string(end == std::string_view::npos ? key : key.substr(end + 2));
}

Error invalid_from(const std::vector<config::ConfigurationError>& errors) {
  Error invalid;
  for (const auto& error : errors)
    invalid.fields.push_back({field_of(error.key), error.message});
  invalid.message = invalid.fields.front().field + " " + invalid.fields.front().message;
  return invalid;
}

}  // namespace

Error error_of(const storage::Error& error) {
  Error result{ErrorKind::unavailable, "The database cannot take it: " + error.message, {}};
  if (error.kind == storage::ErrorKind::constraint && error.constraint == "data_sources.name") {
    result = {
        ErrorKind::conflict, "Another data source has this name.", {{"name", "is taken: choose another"}}};
  }
  if (error.kind == storage::ErrorKind::constraint && error.constraint == "providers.name") {
    result = {ErrorKind::conflict, "Another provider has this name.", {{"name", "is taken: choose another"}}};
  }
  if (error.kind == storage::ErrorKind::constraint && error.constraint == "models.name") {
    result = {ErrorKind::conflict, "Another model has this name.", {{"name", "is taken: choose another"}}};
  }
  return result;
}

std::expected<std::unique_ptr<Service>, std::string> Service::open(Options options) {
  std::unique_ptr<Service> service(new Service(std::move(options)));
  auto stored = service->read_stored();
  if (!stored) return std::unexpected(stored.error().message);
  if (auto opened = service->refresh_vault(*stored); !opened) return std::unexpected(opened.error().message);
  auto snapshot = compose_what_fits(service->options_.base, *stored, service->opener(), service->left_out_);
  if (!service->key_error_.empty()) return std::unexpected(service->key_error_);
  if (!snapshot) return std::unexpected(all_texts(snapshot.error()));
  for (const auto& text : service->left_out_)
    telemetry::log_warning("what is stored does not fit and is left out: " + text);
  service->current_ = std::move(*snapshot);
  return service;
}

Service::Published Service::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::vector<std::string> Service::left_out() const {
  const std::lock_guard lock(mutex_);
  return left_out_;
}

void Service::set_publisher(Publisher publisher) {
  const std::lock_guard turn(turn_);
  publisher_ = std::move(publisher);
  if (publisher_) publisher_(current_);
}

void Service::publish(Published snapshot) {
  {
    const std::lock_guard lock(mutex_);
    current_ = std::move(snapshot);
  }
  if (publisher_) publisher_(current_);
}

std::expected<Stored, storage::Error> Service::read_stored() {
  auto reader = options_.store.reader();
  if (!reader) return std::unexpected(reader.error());
  return read(**reader);
}

config::Secret Service::open_key(std::string_view id, const StoredProvider& provider) {
  auto key = vault_->open(provider.key_sealed, id, provider.key_version);
  if (key) return std::move(*key);
  key_error_ = "the stored key of provider " + provider.name + " cannot be opened: " + key.error().message;
  return {};
}

Openers Service::opener() {
  key_error_.clear();
  return {[this](std::string_view id, const StoredProvider& provider) { return open_key(id, provider); },
          [this](std::string_view id, const StoredDataSource& source) { return open_password(id, source); }};
}

std::expected<config::Secret, std::string> Service::open_password(std::string_view id,
                                                                  const StoredDataSource& source) const {
  auto password = vault_->open(source.password_sealed, password_owner(id), source.password_version);
  if (!password) return std::unexpected(password.error().message);
  return std::move(*password);
}

Result<void> Service::refresh_vault(const Stored& stored) {
  auto vault = options_.open_vault(stored.vault);
  if (!vault) return std::unexpected(Error{ErrorKind::unavailable, vault.error(), {}});
  vault_ = std::make_shared<const secrets::Vault>(std::move(*vault));
  return {};
}

Result<void> Service::reload() {
  const std::lock_guard turn(turn_);
  auto stored = read_stored();
  if (!stored) return std::unexpected(error_of(stored.error()));
  const auto before = current();
  if (stored->version == before->stored.version) return {};
  if (stored->vault != before->stored.vault) {
    if (auto opened = refresh_vault(*stored); !opened) return opened;
  }
  std::vector<std::string> left_out;
  auto snapshot = compose_what_fits(options_.base, *stored, opener(), left_out);
  if (!key_error_.empty()) return std::unexpected(Error{ErrorKind::unavailable, key_error_, {}});
  if (!snapshot) return std::unexpected(invalid_from(snapshot.error()));
  {
    const std::lock_guard lock(mutex_);
    left_out_ = std::move(left_out);
  }
  publish(std::move(*snapshot));
  return {};
}

Result<Service::Published> Service::change(Section section, const Actor& actor,
                                           std::optional<std::int64_t> if_match, const Change& change) {
  for (int attempt = 1;; ++attempt) {
    const std::int64_t known = current()->stored.version;
    auto changed = try_change(section, actor, if_match, change);
    if (changed || attempt == attempts_max) return changed;
    // Another replica may know of what this one does not know yet.
    const auto kind = changed.error().kind;
    if (kind != ErrorKind::stale && kind != ErrorKind::not_found) return changed;
    if (auto reloaded = reload(); !reloaded) return std::unexpected(reloaded.error());
    if (current()->stored.version == known) return changed;
  }
}

Result<Service::Published> Service::composed(const Stored& stored) {
  auto snapshot = compose(options_.base, stored, opener());
  if (!key_error_.empty()) return std::unexpected(Error{ErrorKind::unavailable, key_error_, {}});
  if (!snapshot) return std::unexpected(invalid_from(snapshot.error()));
  return std::move(*snapshot);
}

Result<Service::Published> Service::rehearse(const Change& change) {
  const std::lock_guard turn(turn_);
  const Published before = current();
  Stored after = before->stored;
  if (auto note = change(after, *before); !note) return std::unexpected(std::move(note.error()));
  return composed(after);
}

Result<Service::Published> Service::try_change(Section section, const Actor& actor,
                                               std::optional<std::int64_t> if_match, const Change& change) {
  const std::lock_guard turn(turn_);
  const Published before = current();
  const Error stale{ErrorKind::stale, "These settings were changed meanwhile: read them again.", {}};
  if (if_match && *if_match != before->stored.version_of(section)) return std::unexpected(stale);
  Stored after = before->stored;
  auto note = change(after, *before);
  if (!note) return std::unexpected(std::move(note.error()));
  after.version = before->stored.version + 1;
  after.section_versions[section] = after.version;
  auto snapshot = composed(after);
  if (!snapshot) return snapshot;

  const std::int64_t now = storage::to_microseconds(options_.clock.wall_now());
  bool was_stale = false;
  const auto written = options_.store.write(
      [&](storage::Connection& connection) -> storage::Outcome {
        was_stale = false;
        const auto wrote = write_difference(connection, before->stored, after, now, actor.name);
        if (!wrote) return std::unexpected(wrote.error());
        if (!*wrote) {
          was_stale = true;
          return std::unexpected(storage::Error{storage::ErrorKind::refused, "another version", {}});
        }
        const auto recorded = changes::record(
            connection, now,
            {actor.name, note->action, note->subject, note->before, note->after, actor.request_id});
        if (!recorded) return recorded;
        return connection.notify("settings", std::to_string(after.version));
      },
      options_.clock.now() + write_limit);
  if (was_stale) return std::unexpected(stale);
  if (!written) return std::unexpected(error_of(written.error()));
  publish(*snapshot);
  return *snapshot;
}

Result<void> Service::seal(StoredProvider& provider, std::string_view provider_id,
                           std::string_view key) const {
  const std::int64_t version = provider.key_version + 1;
  auto sealed = vault_->seal(key, provider_id, version);
  if (!sealed) return std::unexpected(Error{ErrorKind::unavailable, sealed.error().message, {}});
  provider.key_sealed = std::move(*sealed);
  provider.key_version = version;
  // Of a short key nothing may be shown.
  provider.key_hint = key.size() >= 4 * hint_bytes ? key.substr(key.size() - hint_bytes) : std::string_view();
  return {};
}

Result<void> Service::seal(StoredDataSource& source, std::string_view id, std::string_view password) const {
  const std::int64_t version = source.password_version + 1;
  auto sealed = vault_->seal(password, password_owner(id), version);
  if (!sealed) return std::unexpected(Error{ErrorKind::unavailable, sealed.error().message, {}});
  source.password_sealed = std::move(*sealed);
  source.password_version = version;
  return {};
}

std::expected<std::string, std::string> Service::seal_query_key(std::string_view text) {
  const std::lock_guard turn(turn_);
  auto sealed = vault_->seal(text, query_key_owner, query_key_version);
  if (!sealed) return std::unexpected(sealed.error().message);
  return std::move(*sealed);
}

std::expected<config::Secret, std::string> Service::open_query_key(std::string_view blob) {
  const std::lock_guard turn(turn_);
  auto text = vault_->open(blob, query_key_owner, query_key_version);
  if (!text) return std::unexpected(text.error().message);
  return std::move(*text);
}

namespace {

// Everything that is sealed, and where it is kept.
void gather_sealed(Stored& stored, std::vector<secrets::Sealed>& all, std::vector<std::string*>& places) {
  const auto add = [&](std::string owner, std::int64_t version, std::string& blob) {
    if (blob.empty()) return;
    all.push_back({std::move(owner), version, blob});
    places.push_back(&blob);
  };
  for (auto& [id, provider] : stored.providers)
    add(id, provider.key_version, provider.key_sealed);
  for (auto& [id, source] : stored.data_sources)
    add(password_owner(id), source.password_version, source.password_sealed);
  add(std::string(query_key_owner), query_key_version, stored.query_key_sealed);
}

}  // namespace

Result<void> Service::rotate(const secrets::Key& master, const Actor& actor) {
  const std::shared_ptr<const secrets::Vault> old = vault_;
  const auto rotated =
      change(Section::providers, actor, {}, [&](Stored& stored, const Snapshot&) -> Result<Note> {
        std::vector<secrets::Sealed> all;
        std::vector<std::string*> places;
        gather_sealed(stored, all, places);
        auto rotation = old->rotate(all, master);
        if (!rotation) return std::unexpected(Error{ErrorKind::conflict, rotation.error().message, {}});
        for (std::size_t i = 0; i < all.size(); ++i)
          *places[i] = rotation->blobs[i];
        stored.vault = rotation->vault.document().text();
        // What follows, composing and publishing, opens the keys with the new one.
        vault_ = std::make_shared<const secrets::Vault>(std::move(rotation->vault));
        return Note{"rotate", "vault", {}, {}};
      });
  if (rotated) return {};
  const std::lock_guard turn(turn_);
  vault_ = old;
  return std::unexpected(rotated.error());
}

}  // namespace punctual::settings
